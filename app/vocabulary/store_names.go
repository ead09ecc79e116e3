package vocabulary

import "context"

// Names gives the labels of terms of a kind by their keys, retired ones too: what was described by them
// still is. Keys that name nothing are left out.
func (b *Book) Names(ctx context.Context, kind Kind, keys []string) (map[string]string, error) {
	out := make(map[string]string, len(keys))
	if len(keys) == 0 {
		return out, nil
	}
	var rows []struct{ Key, Label string }
	err := b.db.Read(ctx).Table("vocabulary").Select("key", "label").Where("kind = ? AND key IN ?", string(kind), keys).Find(&rows).Error
	for _, r := range rows {
		out[r.Key] = r.Label
	}
	return out, err
}
