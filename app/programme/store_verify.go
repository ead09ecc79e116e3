package programme

import "gorm.io/gorm"

// mostWrong is how many of one sort of contradiction are named; a thousand more say nothing new.
const mostWrong = 100

func contradicting(g *gorm.DB, query string) ([]string, error) {
	var ids []string
	return ids, g.Raw(query+` ORDER BY 1 LIMIT ?`, mostWrong).Scan(&ids).Error
}

func enrolmentsAfter(g *gorm.DB, id string, limit int) ([]Enrolment, error) {
	var out []Enrolment
	return out, g.Where("id > ?", id).Order("id").Limit(limit).Find(&out).Error
}
