package moonshine

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

func node(op, output string, attributes ...[]byte) []byte {
	n := appendMessage(nil, nodeOutput, []byte(output))
	n = appendMessage(n, nodeOpType, []byte(op))
	for _, a := range attributes {
		n = appendMessage(n, nodeAttribute, a)
	}
	return n
}

func graphOf(nodes ...[]byte) []byte {
	var g []byte
	for _, n := range nodes {
		g = appendMessage(g, graphNode, n)
	}
	return g
}

func modelOf(graph []byte) []byte {
	m := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 10) // ir_version
	m = appendMessage(m, modelGraph, graph)
	return appendMessage(m, 2, []byte("producer"))
}

func branchAttribute(nodes ...[]byte) []byte {
	return appendMessage(nil, attributeGraph, graphOf(nodes...))
}

func smallDecoder() []byte {
	soft := func(layer string) []byte { return node("Softmax", "/layers."+layer+"/encoder_attn/Softmax_output_0") }
	other := node("Softmax", "/layers.0/self_attn/Softmax_output_0")
	// The branches list their layers in different orders.
	return modelOf(graphOf(node("If", "logits",
		branchAttribute(soft("0"), other, soft("1")), branchAttribute(soft("1"), soft("0")))))
}

// outputs collects the names of a graph's outputs.
func outputs(t *testing.T, graph []byte) []string {
	t.Helper()
	var names []string
	_, err := mapField(graph, graphOutput, func(info []byte) ([]byte, error) {
		name, err := stringField(info, infoName)
		names = append(names, name)
		return info, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestExposeCrossAttention(t *testing.T) {
	original := smallDecoder()
	kept := bytes.Clone(original)
	patched, layers, err := exposeCrossAttention(original)
	if err != nil || layers != 2 {
		t.Fatalf("%d layers, %v", layers, err)
	}
	if !bytes.Equal(original, kept) {
		t.Error("the given model was changed")
	}
	var outer []string
	var inner [][]string
	_, err = mapField(patched, modelGraph, func(graph []byte) ([]byte, error) {
		outer = outputs(t, graph)
		return mapField(graph, graphNode, func(n []byte) ([]byte, error) {
			return mapField(n, nodeAttribute, func(a []byte) ([]byte, error) {
				return mapField(a, attributeGraph, func(b []byte) ([]byte, error) {
					inner = append(inner, outputs(t, b))
					return b, nil
				})
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(outer, " ") != "cross_attentions.0 cross_attentions.1" {
		t.Errorf("outer outputs %v", outer)
	}
	for _, names := range inner {
		if len(names) != 2 || !strings.Contains(names[0], "layers.0") || !strings.Contains(names[1], "layers.1") {
			t.Errorf("a branch puts out %v", names)
		}
	}
	if len(inner) != 2 || !bytes.Contains(patched, []byte("producer")) {
		t.Errorf("%d branches", len(inner))
	}
}

func TestExposeRefusesOtherModels(t *testing.T) {
	soft := node("Softmax", "/layers.0/encoder_attn/Softmax_output_0")
	good := smallDecoder()
	for name, model := range map[string][]byte{
		"empty":              nil,
		"no graph":           appendMessage(nil, 2, []byte("x")),
		"no If":              modelOf(graphOf(soft)),
		"If without graphs":  modelOf(graphOf(node("If", "x"))),
		"one branch":         modelOf(graphOf(node("If", "x", branchAttribute(soft)))),
		"uneven branches":    modelOf(graphOf(node("If", "x", branchAttribute(soft), branchAttribute(soft, soft)))),
		"branches without":   modelOf(graphOf(node("If", "x", branchAttribute(), branchAttribute()))),
		"two Ifs":            modelOf(graphOf(node("If", "x", branchAttribute(soft), branchAttribute(soft)), node("If", "y", branchAttribute(soft), branchAttribute(soft)))),
		"cut":                good[:len(good)-len(good)/3],
		"no protobuf at all": []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	} {
		if _, _, err := exposeCrossAttention(model); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, _, err := exposeCrossAttention(modelOf(graphOf(soft))); !errors.Is(err, errNotDecoder) {
		t.Errorf("no If: %v", err)
	}
}

func FuzzExposeCrossAttention(f *testing.F) {
	f.Add(smallDecoder())
	f.Add([]byte{0x3a, 0x02, 0x0a, 0x00})
	f.Fuzz(func(t *testing.T, model []byte) {
		patched, layers, err := exposeCrossAttention(model)
		if err == nil && (layers == 0 || len(patched) <= len(model)/2) {
			t.Fatalf("%d layers, %d bytes of %d", layers, len(patched), len(model))
		}
	})
}

// TestPatchedDecoder checks the one place where a file is made beside the
// installed ones: written once, repaired when damaged, not needed when the
// folder cannot be written to.
func TestPatchedDecoder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(speechtest.ModelsDir(t), weights.Decoder), filepath.Join(dir, weights.Decoder)); err != nil {
		t.Fatal(err)
	}
	path, data, err := patchedDecoder(dir)
	if err != nil || data != nil || path != filepath.Join(dir, patchedName) {
		t.Fatalf("%s, %d bytes, %v", path, len(data), err)
	}
	first, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := patchedDecoder(dir); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(path); err != nil || !os.SameFile(first, again) {
		t.Errorf("written again: %v", err)
	}

	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, data, err := patchedDecoder(dir); err != nil || data != nil {
		t.Fatal(err)
	}
	if repaired, err := os.ReadFile(path); err != nil || digest(repaired) != patchedSHA256 {
		t.Errorf("not repaired: %v", err)
	}

	// A folder in the file's place cannot be replaced, as in a read-only folder.
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, data, err := patchedDecoder(dir); err != nil || digest(data) != patchedSHA256 {
		t.Errorf("without a place to write: %d bytes, %v", len(data), err)
	}

	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, weights.Decoder), smallDecoder(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := patchedDecoder(other); err == nil || !strings.Contains(err.Error(), "not the pinned one") {
		t.Errorf("another decoder: %v", err)
	}
}

func TestReadPiecesRefusesOtherFiles(t *testing.T) {
	for name, content := range map[string]string{
		"empty":      "",
		"no literal": "const x = 1",
		"open":       `llama_vocab_base64 = "AAAA`,
		"no base64":  `llama_vocab_base64 = "!!"`,
		"too few":    `llama_vocab_base64 = "PHVuaz4K"`,
	} {
		path := filepath.Join(t.TempDir(), "vocabulary.js")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPieces(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
