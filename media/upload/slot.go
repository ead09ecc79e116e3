package upload

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A state file is two records on pages of their own. Writes alternate, so a write that a crash tears leaves the other
// record, which holds the state acknowledged before.
const (
	slotSize   = 256
	slotStride = 4096
	stateSize  = slotStride + slotSize

	// hashStateMax bounds the marshalled SHA-256 state; today's is 108 bytes.
	hashStateMax = 200
	hashStateAt  = 40
)

const slotMagic = 0x46525532 // "FRU2"

const (
	flagRecorded = 1 << iota
	flagSniffed
	flagsKnown = flagRecorded | flagSniffed
)

// deferred is the length of an upload whose length is not declared yet.
const deferred int64 = -1

// state is one record: what is durable about an upload.
type state struct {
	sequence uint64
	offset   int64
	// length in bytes, or deferred.
	length int64
	// recorded: the Registry's Finish has succeeded.
	recorded bool
	// sniffed: the head of the content was looked at and accepted.
	sniffed bool
	// hash is the marshalled state of SHA-256 over the first offset bytes.
	hash []byte
}

func (s state) complete() bool { return s.length != deferred && s.offset == s.length }

func (s state) lengthOrNil() *int64 {
	if s.length == deferred {
		return nil
	}
	n := s.length
	return &n
}

var errSlot = errors.New("slot does not hold a record")

// encode writes the record. Layout, big endian: magic u32, flags u32, sequence u64, offset i64, length i64, hash length
// u32, reserved u32, hash state, zeros, CRC-32C of all before it.
func (s state) encode() ([slotSize]byte, error) {
	var b [slotSize]byte
	if len(s.hash) > hashStateMax {
		return b, errors.New("hash state is too long for a slot")
	}
	binary.BigEndian.PutUint32(b[0:], slotMagic)
	var flags uint32
	if s.recorded {
		flags |= flagRecorded
	}
	if s.sniffed {
		flags |= flagSniffed
	}
	binary.BigEndian.PutUint32(b[4:], flags)
	binary.BigEndian.PutUint64(b[8:], s.sequence)
	binary.BigEndian.PutUint64(b[16:], uint64(s.offset))
	binary.BigEndian.PutUint64(b[24:], uint64(s.length))
	binary.BigEndian.PutUint32(b[32:], uint32(len(s.hash)))
	copy(b[hashStateAt:], s.hash)
	binary.BigEndian.PutUint32(b[slotSize-4:], crc(b[:slotSize-4]))
	return b, nil
}

// decodeSlot reads one record, or says that there is none.
func decodeSlot(b []byte) (state, error) {
	if len(b) != slotSize || binary.BigEndian.Uint32(b[0:]) != slotMagic ||
		binary.BigEndian.Uint32(b[slotSize-4:]) != crc(b[:slotSize-4]) {
		return state{}, errSlot
	}
	flags := binary.BigEndian.Uint32(b[4:])
	hashLen := binary.BigEndian.Uint32(b[32:])
	s := state{
		sequence: binary.BigEndian.Uint64(b[8:]),
		offset:   int64(binary.BigEndian.Uint64(b[16:])),
		length:   int64(binary.BigEndian.Uint64(b[24:])),
		recorded: flags&flagRecorded != 0,
		sniffed:  flags&flagSniffed != 0,
	}
	if flags&^uint32(flagsKnown) != 0 || hashLen > hashStateMax || s.offset < 0 || s.length < deferred ||
		(s.length != deferred && s.offset > s.length) || (s.recorded && !s.complete()) {
		return state{}, errSlot
	}
	s.hash = append([]byte(nil), b[hashStateAt:hashStateAt+hashLen]...)
	return s, nil
}

// decodeState picks the newest record that the data can bear: a record whose offset lies beyond the end of the data
// cannot have been synced after it, so it is not believed.
func decodeState(b []byte, dataSize int64) (state, error) {
	best, found := state{}, false
	for at := 0; at+slotSize <= len(b) && at <= slotStride; at += slotStride {
		s, err := decodeSlot(b[at : at+slotSize])
		if err != nil || s.offset > dataSize {
			continue
		}
		if !found || s.sequence > best.sequence {
			best, found = s, true
		}
	}
	if !found {
		return state{}, errSlot
	}
	return best, nil
}

func crc(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
