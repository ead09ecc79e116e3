package audit

import "gorm.io/gorm"

// Of gives the entries of some subjects, oldest first.
func Of(g *gorm.DB, subjectIDs ...string) ([]Entry, error) {
	var out []Entry
	err := g.Where("subject_id IN ?", append([]string{""}, subjectIDs...)).Order("seq").Find(&out).Error
	for i := range out {
		out[i].At = out[i].At.UTC()
	}
	return out, err
}
