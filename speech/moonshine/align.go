package moonshine

import "math"

// attention holds, for each decoded token, the cross-attention of every head
// over the encoder's frames: rows[token][head*frames+frame].
type attention struct {
	heads, frames int
	rows          [][]float32
}

// align returns for each token the frame at which it starts, never falling:
// the method of OpenAI's Whisper (timing.py, find_alignment). Attention is
// standardized over the tokens for each head and frame, which takes away what
// every token looks at; smoothed by a median over 7 frames; averaged over the
// heads; and the cheapest monotone path through the negative of it is found by
// dynamic time warping.
func (a attention) align() []int {
	tokens := len(a.rows)
	if tokens == 0 || a.frames == 0 {
		return make([]int, tokens)
	}
	weight := make([]float32, tokens*a.frames)
	head := make([]float32, tokens*a.frames)
	for h := range a.heads {
		a.standardize(head, h)
		for t := range tokens {
			addMedian7(weight[t*a.frames:(t+1)*a.frames], head[t*a.frames:(t+1)*a.frames])
		}
	}
	return warp(weight, tokens, a.frames)
}

// standardize writes head h into out, each frame with mean 0 and deviation 1
// over the tokens.
func (a attention) standardize(out []float32, h int) {
	tokens := len(a.rows)
	sum := make([]float64, a.frames)
	square := make([]float64, a.frames)
	for _, row := range a.rows {
		for f, v := range row[h*a.frames : (h+1)*a.frames] {
			sum[f] += float64(v)
			square[f] += float64(v) * float64(v)
		}
	}
	for f := range sum {
		mean := sum[f] / float64(tokens)
		variance := max(square[f]/float64(tokens)-mean*mean, 1e-12)
		sum[f], square[f] = mean, 1/math.Sqrt(variance)
	}
	for t, row := range a.rows {
		to := out[t*a.frames : (t+1)*a.frames]
		for f, v := range row[h*a.frames : (h+1)*a.frames] {
			to[f] = float32((float64(v) - sum[f]) * square[f])
		}
	}
}

// addMedian7 adds to sum the median of each value of row and its three
// neighbours on both sides, mirrored at the ends.
func addMedian7(sum, row []float32) {
	n := len(row)
	var w [7]float32
	for f := range row {
		for d := range w {
			w[d] = row[mirror(f+d-3, n)]
		}
		sum[f] += median7(&w)
	}
}

func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i %= period
	if i < 0 {
		i += period
	}
	return min(i, period-i)
}

// median7 is the middle of seven values by insertion into a sorted list.
func median7(v *[7]float32) float32 {
	for i := 1; i < 7; i++ {
		x := v[i]
		j := i
		for ; j > 0 && v[j-1] > x; j-- {
			v[j] = v[j-1]
		}
		v[j] = x
	}
	return v[3]
}

// warp finds the monotone path of greatest weight from the first token and
// frame to the last, and returns for each token its first frame on the path.
func warp(weight []float32, tokens, frames int) []int {
	const diagonal, down, right = 0, 1, 2
	width := frames + 1
	previous := make([]float64, width)
	current := make([]float64, width)
	step := make([]byte, (tokens+1)*width)
	for j := 1; j < width; j++ {
		previous[j] = math.Inf(1)
	}
	for i := 1; i <= tokens; i++ {
		current[0] = math.Inf(1)
		for j := 1; j < width; j++ {
			cost, way := previous[j-1], byte(diagonal)
			if c := previous[j]; c < cost && c < current[j-1] {
				cost, way = c, down
			} else if c := current[j-1]; c < cost {
				cost, way = c, right
			}
			current[j] = cost - float64(weight[(i-1)*frames+j-1])
			step[i*width+j] = way
		}
		previous, current = current, previous
	}
	starts := make([]int, tokens)
	for i, j := tokens, frames; i > 0 && j > 0; {
		starts[i-1] = j - 1
		switch step[i*width+j] {
		case diagonal:
			i, j = i-1, j-1
		case down:
			i--
		default:
			j--
		}
	}
	return starts
}
