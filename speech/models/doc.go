// Package models fetches and checks the files of the speech engine.
//
// Five files are needed. Each is pinned by an exact package version, length
// and SHA-256; a file with any other digest is never kept, wherever it came
// from.
//
//	libonnxruntime.so          ONNX Runtime 1.28, linux/amd64   MIT
//	encoder_model.onnx         Moonshine base English, int8     MIT
//	decoder_model_merged.onnx  Moonshine base English, int8     MIT
//	llama-tokenizer.js         32,000 word pieces               MIT
//	silero_vad_v6.onnx         Silero voice activity detector   MIT
//
// Only Moonshine's English weights are MIT; its other languages are not and
// must not be added here without reading their licence.
//
// The files come from the published npm packages by `npm pack`, which only
// downloads an archive (no dependencies, no install scripts), or from a folder
// or http(s) address that already holds the five files under these names: a
// company without access to a registry copies the folder of one machine to a
// place of its own.
package models
