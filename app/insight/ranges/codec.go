package ranges

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// codecVersion is the first byte of an encoded Set.
const codecVersion = 1

// ErrEncoding says that bytes are not an encoded Set.
var ErrEncoding = errors.New("ranges: not an encoded set")

// MarshalBinary encodes the set for a database column: a version byte, the
// number of ranges, then for each the gap since the end of the one before and
// the length, all as unsigned varints. One set has exactly one encoding, so equal
// columns are equal sets. The error is always nil.
func (s Set) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 2+6*len(s.rs))
	out = append(out, codecVersion)
	out = binary.AppendUvarint(out, uint64(len(s.rs)))
	var end int64
	for _, r := range s.rs {
		out = binary.AppendUvarint(out, uint64(r.From-end))
		out = binary.AppendUvarint(out, uint64(r.To-r.From))
		end = r.To
	}
	return out, nil
}

// UnmarshalBinary decodes what MarshalBinary wrote. No bytes at all are the
// empty set, so that a new column needs no default. Anything else that
// MarshalBinary cannot have written is refused with ErrEncoding, and then the
// set is unchanged.
func (s *Set) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		s.rs = nil
		return nil
	}
	if data[0] != codecVersion {
		return fmt.Errorf("%w: version %d", ErrEncoding, data[0])
	}
	data = data[1:]
	count, data, err := uvarint(data, MaxRanges)
	if err != nil {
		return err
	}
	// Two bytes at least for each range: checked before memory is taken.
	if int64(len(data)) < 2*count {
		return fmt.Errorf("%w: %d ranges in %d bytes", ErrEncoding, count, len(data))
	}
	var rs []Range
	if count > 0 {
		rs = make([]Range, 0, count)
	}
	var end int64
	for i := range count {
		var gap, length int64
		if gap, data, err = uvarint(data, MaxMS); err != nil {
			return err
		}
		if length, data, err = uvarint(data, MaxMS); err != nil {
			return err
		}
		r := Range{From: end + gap, To: end + gap + length}
		if length == 0 || r.To > MaxMS || i > 0 && gap <= JoinGap {
			return fmt.Errorf("%w: range %d is [%d, %d) after %d", ErrEncoding, i, r.From, r.To, end)
		}
		rs = append(rs, r)
		end = r.To
	}
	if len(data) > 0 {
		return fmt.Errorf("%w: %d bytes too many", ErrEncoding, len(data))
	}
	s.rs = rs
	return nil
}

// uvarint reads one number in its shortest form, at most limit.
func uvarint(data []byte, limit int64) (int64, []byte, error) {
	v, n := binary.Uvarint(data)
	if n <= 0 {
		return 0, nil, fmt.Errorf("%w: cut off", ErrEncoding)
	}
	if v > uint64(limit) || n > 1 && data[n-1] == 0 {
		return 0, nil, fmt.Errorf("%w: number out of bounds", ErrEncoding)
	}
	return int64(v), data[n:], nil
}
