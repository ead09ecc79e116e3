package moonshine

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// tokensPerSecond bounds the length of what is decoded: the fastest speakers
// reach about 6 pieces a second (the published rule is 6.5).
const tokensPerSecond = 6.5

// Shape of the pinned model.
const (
	decoderLayers = 8
	decoderHeads  = 8  // of each layer
	headDimension = 52 // of the keys and values
)

const (
	pastPrefix    = "past_key_values."
	presentPrefix = "present."
)

// model is the encoder and the decoder with their shapes.
type model struct {
	encoder, decoder *ort.DynamicAdvancedSession
	inputs, outputs  []string // of the decoder
}

// token is one decoded piece and how sure the decoder was.
type token struct {
	id          int
	probability float64
}

// decoded is what the decoder made of one chunk.
type decoded struct {
	tokens    []token
	attention attention
	looped    bool // the decoder got stuck repeating itself; the repeats are dropped
}

func openModel(dir string) (m *model, err error) {
	m = &model{}
	defer func() {
		if err != nil {
			m.close()
			m = nil
		}
	}()
	encoder := filepath.Join(dir, weights.Encoder)
	if m.encoder, err = openSession(encoder, nil, []string{"input_values"}, []string{"last_hidden_state"}); err != nil {
		return m, fmt.Errorf("open the encoder: %w", err)
	}
	path, data, err := patchedDecoder(dir)
	if err != nil {
		return m, err
	}
	m.inputs, m.outputs = decoderNames()
	if m.decoder, err = openSession(path, data, m.inputs, m.outputs); err != nil {
		return m, fmt.Errorf("open the decoder: %w", err)
	}
	return m, nil
}

// decoderNames lists the inputs and outputs of the pinned decoder. Asking the
// runtime for them would load the model a second time.
func decoderNames() (inputs, outputs []string) {
	inputs = []string{"input_ids", "encoder_hidden_states", "use_cache_branch"}
	outputs = []string{"logits"}
	for layer := range decoderLayers {
		for _, part := range []string{"decoder.key", "decoder.value", "encoder.key", "encoder.value"} {
			inputs = append(inputs, fmt.Sprintf("%s%d.%s", pastPrefix, layer, part))
			outputs = append(outputs, fmt.Sprintf("%s%d.%s", presentPrefix, layer, part))
		}
		outputs = append(outputs, attentionName(layer))
	}
	return inputs, outputs
}

func (m *model) close() {
	for _, s := range []*ort.DynamicAdvancedSession{m.encoder, m.decoder} {
		if s != nil {
			_ = s.Destroy() // fails only when destroyed before
		}
	}
}

// decode writes down one chunk.
func (m *model) decode(ctx context.Context, pcm []float32) (decoded, error) {
	hidden, err := m.encode(pcm)
	if err != nil {
		return decoded{}, err
	}
	defer destroy(hidden)
	shape := hidden.GetShape()
	if len(shape) != 3 {
		return decoded{}, fmt.Errorf("encode: output of shape %v", shape)
	}
	d := decoded{attention: attention{heads: decoderLayers * decoderHeads, frames: int(shape[1])}}

	c, err := m.newCache()
	if err != nil {
		return decoded{}, err
	}
	defer c.close()
	limit := int(float64(len(pcm))/sampleRate*tokensPerSecond) + 6
	last := tokenStart
	for len(d.tokens) < limit {
		if err := ctx.Err(); err != nil {
			return decoded{}, err
		}
		t, row, err := m.step(last, len(d.tokens) > 0, hidden, c, d.attention.frames)
		if err != nil {
			return decoded{}, fmt.Errorf("decode: %w", err)
		}
		d.tokens = append(d.tokens, t)
		d.attention.rows = append(d.attention.rows, row)
		if t.id == tokenEnd {
			return d, nil
		}
		if n := repeats(d.tokens); n > 0 {
			keep := len(d.tokens) - n
			d.tokens, d.attention.rows, d.looped = d.tokens[:keep], d.attention.rows[:keep], true
			return d, nil
		}
		last = t.id
	}
	return d, nil
}

func (m *model) encode(pcm []float32) (ort.Value, error) {
	in, err := ort.NewTensor(ort.NewShape(1, int64(len(pcm))), pcm)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	defer destroy(in)
	out := []ort.Value{nil}
	if err := m.encoder.Run([]ort.Value{in}, out); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out[0], nil
}

// step decodes one token after the last one and brings the cache forward.
func (m *model) step(last int, cached bool, hidden ort.Value, c cache, frames int) (token, []float32, error) {
	id, err := ort.NewTensor(ort.NewShape(1, 1), []int64{int64(last)})
	if err != nil {
		return token{}, nil, err
	}
	defer destroy(id)
	flag := []byte{0}
	if cached {
		flag[0] = 1
	}
	branch, err := ort.NewCustomDataTensor(ort.NewShape(1), flag, ort.TensorElementDataTypeBool)
	if err != nil {
		return token{}, nil, err
	}
	defer destroy(branch)

	inputs := make([]ort.Value, len(m.inputs))
	for i, name := range m.inputs {
		switch name {
		case "input_ids":
			inputs[i] = id
		case "encoder_hidden_states":
			inputs[i] = hidden
		case "use_cache_branch":
			inputs[i] = branch
		default:
			inputs[i] = c[name]
		}
	}
	outputs := make([]ort.Value, len(m.outputs))
	if err := m.decoder.Run(inputs, outputs); err != nil {
		return token{}, nil, err
	}
	var t token
	row := make([]float32, 0, decoderLayers*decoderHeads*frames)
	for i, name := range m.outputs {
		switch {
		case strings.HasPrefix(name, presentPrefix):
			// What was read from the encoder is computed once; the later steps
			// put out an empty tensor for it.
			if cached && strings.Contains(name, ".encoder.") {
				destroy(outputs[i])
				continue
			}
			c.put(pastPrefix+strings.TrimPrefix(name, presentPrefix), outputs[i])
			continue
		case name == "logits":
			t, err = best(outputs[i])
		case strings.HasPrefix(name, attentionPrefix):
			row, err = appendRow(row, outputs[i], decoderHeads*frames)
		}
		destroy(outputs[i])
		if err != nil {
			for _, rest := range outputs[i+1:] {
				destroy(rest)
			}
			return token{}, nil, err
		}
	}
	return t, row, nil
}

// appendRow appends one layer's attention for the one token of this step.
func appendRow(row []float32, v ort.Value, want int) ([]float32, error) {
	t, ok := v.(*ort.Tensor[float32])
	if !ok || len(t.GetData()) != want {
		return nil, fmt.Errorf("attention of shape %v instead of %d values", v.GetShape(), want)
	}
	return append(row, t.GetData()...), nil
}

// best is the likeliest token and its probability (softmax over all).
func best(v ort.Value) (token, error) {
	t, ok := v.(*ort.Tensor[float32])
	if !ok || len(t.GetData()) == 0 {
		return token{}, fmt.Errorf("logits of shape %v", v.GetShape())
	}
	logits := t.GetData()
	id := 0
	for i, x := range logits {
		if x > logits[id] {
			id = i
		}
	}
	var sum float64
	for _, x := range logits {
		// Below e^-16 all 32,768 together stay under half a percent.
		if d := x - logits[id]; d > -16 {
			sum += math.Exp(float64(d))
		}
	}
	return token{id: id, probability: 1 / sum}, nil
}

// repeats reports how many tokens at the end only repeat what stands before
// them: eight times the same token, or four times the same two to eight.
func repeats(tokens []token) int {
	for length := 1; length <= 8; length++ {
		times := 4
		if length == 1 {
			times = 8
		}
		extra := length * (times - 1)
		if len(tokens) < length+extra {
			return 0
		}
		same := true
		for i := len(tokens) - extra; i < len(tokens) && same; i++ {
			same = tokens[i].id == tokens[i-length].id
		}
		if same {
			return extra
		}
	}
	return 0
}

// cache holds the decoder's keys and values by input name, and owns them.
type cache map[string]ort.Value

// newCache is filled with what the first step gets and ignores.
func (m *model) newCache() (cache, error) {
	c := cache{}
	for _, name := range m.inputs {
		if !strings.HasPrefix(name, pastPrefix) {
			continue
		}
		t, err := ort.NewEmptyTensor[float32](ort.NewShape(1, decoderHeads, 1, headDimension))
		if err != nil {
			c.close()
			return nil, fmt.Errorf("decode: %w", err)
		}
		c[name] = t
	}
	return c, nil
}

func (c cache) put(name string, v ort.Value) {
	destroy(c[name])
	c[name] = v
}

func (c cache) close() {
	for _, v := range c {
		destroy(v)
	}
}

// destroy gives a tensor's memory back; a second time is harmless.
func destroy(v ort.Value) {
	if v != nil {
		_ = v.Destroy()
	}
}
