package moonshine

import (
	"context"
	"fmt"

	ort "github.com/yalue/onnxruntime_go"
)

// vadContext is how many samples of the window before the detector sees again.
const vadContext = 64

// vad is Silero's voice activity detector, version 6. One recording at a time.
type vad struct {
	session        *ort.DynamicAdvancedSession
	input          *ort.Tensor[float32]
	state, next    *ort.Tensor[float32]
	rate           *ort.Tensor[int64]
	prob           *ort.Tensor[float32]
	inputs, output []ort.Value
}

func openVAD(path string) (v *vad, err error) {
	v = &vad{}
	defer func() {
		if err != nil {
			v.close()
			v, err = nil, fmt.Errorf("open the voice activity detector: %w", err)
		}
	}()
	if v.session, err = openSession(path, nil, []string{"input", "state", "sr"}, []string{"output", "stateN"}); err != nil {
		return v, err
	}
	if v.input, err = ort.NewEmptyTensor[float32](ort.NewShape(1, vadContext+vadWindow)); err != nil {
		return v, err
	}
	if v.state, err = ort.NewEmptyTensor[float32](ort.NewShape(2, 1, 128)); err != nil {
		return v, err
	}
	if v.next, err = ort.NewEmptyTensor[float32](ort.NewShape(2, 1, 128)); err != nil {
		return v, err
	}
	if v.rate, err = ort.NewTensor(ort.NewShape(1), []int64{sampleRate}); err != nil {
		return v, err
	}
	if v.prob, err = ort.NewEmptyTensor[float32](ort.NewShape(1, 1)); err != nil {
		return v, err
	}
	v.inputs = []ort.Value{v.input, v.state, v.rate}
	v.output = []ort.Value{v.prob, v.next}
	return v, nil
}

// probabilities returns one probability of speech for every vadWindow samples;
// the last window is filled up with silence.
func (v *vad) probabilities(ctx context.Context, w wav, progress func(share float64)) ([]float32, error) {
	const block = 64 * vadWindow // about two seconds
	probs := make([]float32, 0, (w.samples+vadWindow-1)/vadWindow)
	clear(v.state.GetData())
	data := v.input.GetData()
	clear(data)
	samples := make([]float32, block)
	for from := int64(0); from < w.samples; from += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(block, w.samples-from)
		clear(samples[n:])
		if err := w.read(samples[:n], from); err != nil {
			return nil, err
		}
		for at := int64(0); at < n; at += vadWindow {
			copy(data[:vadContext], data[vadWindow:])
			copy(data[vadContext:], samples[at:at+vadWindow])
			if err := v.session.Run(v.inputs, v.output); err != nil {
				return nil, fmt.Errorf("detect voice: %w", err)
			}
			copy(v.state.GetData(), v.next.GetData())
			probs = append(probs, v.prob.GetData()[0])
		}
		progress(float64(from+n) / float64(w.samples))
	}
	return probs, nil
}

func (v *vad) close() {
	if v.session != nil {
		_ = v.session.Destroy() // fails only when destroyed before
	}
	for _, t := range []*ort.Tensor[float32]{v.input, v.state, v.next, v.prob} {
		if t != nil {
			_ = t.Destroy()
		}
	}
	if v.rate != nil {
		_ = v.rate.Destroy()
	}
}
