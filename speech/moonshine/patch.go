package moonshine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of the ONNX schema (onnx.proto3, IR version 10).
const (
	modelGraph      protowire.Number = 7  // ModelProto.graph
	graphNode       protowire.Number = 1  // GraphProto.node
	graphOutput     protowire.Number = 12 // GraphProto.output
	nodeOutput      protowire.Number = 2  // NodeProto.output
	nodeOpType      protowire.Number = 4  // NodeProto.op_type
	nodeAttribute   protowire.Number = 5  // NodeProto.attribute
	attributeGraph  protowire.Number = 6  // AttributeProto.g
	infoName        protowire.Number = 1  // ValueInfoProto.name
	infoType        protowire.Number = 2  // ValueInfoProto.type
	typeTensor      protowire.Number = 1  // TypeProto.tensor_type
	tensorElement   protowire.Number = 1  // TypeProto.Tensor.elem_type
	elementFloat                     = 1  // TensorProto.FLOAT
	attentionPrefix                  = "cross_attentions."
)

var errNotDecoder = errors.New("model is not a merged decoder with cross-attention")

// exposeCrossAttention returns the merged decoder with the weights of every
// cross-attention layer as further outputs cross_attentions.0, .1, …, and their
// number. The merged decoder keeps its layers in the two branches of one If
// node (with and without cache); a tensor of a branch gets out only if both
// branches list it as an output, at the same place, and the If node and the
// outer graph name it again. The edit works on the serialized message, so no
// ONNX library is needed, and copies all other bytes unchanged.
func exposeCrossAttention(model []byte) (patched []byte, layers int, err error) {
	patched, err = mapField(model, modelGraph, func(graph []byte) ([]byte, error) {
		outer, err := mapField(graph, graphNode, func(node []byte) ([]byte, error) {
			if op, err := stringField(node, nodeOpType); err != nil || op != "If" {
				return node, err
			}
			if layers != 0 {
				return nil, fmt.Errorf("%w: two If nodes", errNotDecoder)
			}
			node, n, err := exposeInBranches(node)
			layers = n
			return node, err
		})
		if err != nil {
			return nil, err
		}
		for i := range layers {
			outer = appendMessage(outer, graphOutput, valueInfo(attentionName(i)))
		}
		return outer, nil
	})
	if err != nil {
		return nil, 0, err
	}
	if layers == 0 {
		return nil, 0, errNotDecoder
	}
	return patched, layers, nil
}

// exposeInBranches adds the attention tensors to the outputs of both branches
// of an If node and of the node itself.
func exposeInBranches(node []byte) (patched []byte, layers int, err error) {
	branches := 0
	patched, err = mapField(node, nodeAttribute, func(attribute []byte) ([]byte, error) {
		return mapField(attribute, attributeGraph, func(branch []byte) ([]byte, error) {
			names, err := attentionTensors(branch)
			if err != nil {
				return nil, err
			}
			if branches++; branches > 1 && len(names) != layers {
				return nil, fmt.Errorf("%w: branches with %d and %d layers", errNotDecoder, layers, len(names))
			}
			layers = len(names)
			branch = slices.Clip(branch) // appending must not run into the outer message
			for _, name := range names {
				branch = appendMessage(branch, graphOutput, valueInfo(name))
			}
			return branch, nil
		})
	})
	if err != nil {
		return nil, 0, err
	}
	if branches != 2 {
		return nil, 0, fmt.Errorf("%w: If node with %d branches", errNotDecoder, branches)
	}
	for i := range layers {
		patched = appendMessage(patched, nodeOutput, []byte(attentionName(i)))
	}
	return patched, layers, nil
}

func attentionName(layer int) string { return fmt.Sprintf("%s%d", attentionPrefix, layer) }

// attentionTensors lists what the cross-attention's softmax nodes of a graph
// put out, in the same order in every branch.
func attentionTensors(graph []byte) ([]string, error) {
	var names []string
	_, err := mapField(graph, graphNode, func(node []byte) ([]byte, error) {
		op, err := stringField(node, nodeOpType)
		if err != nil || op != "Softmax" {
			return node, err
		}
		name, err := stringField(node, nodeOutput)
		if strings.Contains(name, "/encoder_attn/") {
			names = append(names, name)
		}
		return node, err
	})
	// Numbers in the names are single digits for up to ten layers; order by
	// length first keeps ten and more in order too.
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return names, err
}

// valueInfo is a serialized ValueInfoProto of a float tensor without a shape.
func valueInfo(name string) []byte {
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, tensorElement, protowire.VarintType), elementFloat)
	info := appendMessage(nil, infoName, []byte(name))
	return appendMessage(info, infoType, appendMessage(nil, typeTensor, tensor))
}

func appendMessage(to []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), message)
}

// stringField returns the first value of a length-delimited field, or "".
func stringField(message []byte, field protowire.Number) (string, error) {
	value, found := "", false
	err := eachField(message, func(num protowire.Number, content, _ []byte) error {
		if num == field && content != nil && !found {
			value, found = string(content), true
		}
		return nil
	})
	return value, err
}

// mapField copies a message and replaces each length-delimited value of one
// field by what f makes of it.
func mapField(message []byte, field protowire.Number, f func([]byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(message)+4096)
	err := eachField(message, func(num protowire.Number, content, raw []byte) error {
		if num != field || content == nil {
			out = append(out, raw...)
			return nil
		}
		changed, err := f(content)
		if err != nil {
			return err
		}
		out = appendMessage(out, num, changed)
		return nil
	})
	return out, err
}

// eachField calls f with every field of a message: its number, its content if
// it is length-delimited (else nil), and its raw bytes with the tag.
func eachField(message []byte, f func(num protowire.Number, content, raw []byte) error) error {
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return fmt.Errorf("parse the model: %w", protowire.ParseError(tag))
		}
		value := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if value < 0 {
			return fmt.Errorf("parse the model: %w", protowire.ParseError(value))
		}
		var content []byte
		if typ == protowire.BytesType {
			inner, n := protowire.ConsumeBytes(message[tag:])
			if n < 0 {
				return fmt.Errorf("parse the model: %w", protowire.ParseError(n))
			}
			content = inner
			if content == nil {
				content = []byte{}
			}
		}
		if err := f(num, content, message[:tag+value]); err != nil {
			return err
		}
		message = message[tag+value:]
	}
	return nil
}
