// Package moonshine is the speech engine: Moonshine base for English (Jeffries
// et al., "Moonshine: Speech Recognition for Live Transcription and Voice
// Commands", 2024), quantized to 8 bits, over ONNX Runtime.
//
// The way of a recording:
//
//  1. Silero's detector gives every 32 ms a probability of speech.
//  2. Speech parted by pauses under 2.5 s is put together into chunks of at most
//     20 s. Cutting at every short pause loses the sentence around it and costs
//     accuracy; longer chunks make the decoder wander.
//  3. The encoder turns a chunk into frames of 24 ms, the decoder writes word
//     pieces greedily. When it starts to repeat itself the chunk is halved at
//     its quietest place and decoded again.
//  4. Moonshine gives no times. The decoder's cross-attention, exposed by editing
//     the serialized model, says which frames it looked at for each piece;
//     dynamic time warping makes a monotone path of it (as OpenAI's Whisper does).
//  5. Words are clipped to where the detector heard speech, and cut into segments.
//
// Sessions use one thread: a second one doubled the CPU time for the same work.
//
// The package needs cgo and opens the runtime's shared library. Import it from
// a process that may crash: see speech/worker.
package moonshine
