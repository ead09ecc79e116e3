package csvfile

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawAmount is a number split from what is around it.
type rawAmount struct {
	negative bool
	// digits has digits, points and commas only.
	digits string
	// currency is what the cell itself says, if it is beyond doubt.
	currency string
}

const maxAmountLen = 64

// splitAmount takes a cell such as "€ 1.234,50", "(1,234.50)", "USD 12" or
// "1 234,50-" apart, and false where it holds no number.
func splitAmount(cell string) (rawAmount, bool) {
	var a rawAmount
	if len(cell) > maxAmountLen {
		return a, false
	}
	if inner, ok := strings.CutPrefix(cell, "("); ok {
		if inner, ok = strings.CutSuffix(inner, ")"); !ok {
			return a, false
		}
		a.negative, cell = true, inner
	}
	var digits, before, after strings.Builder
	word := &before
	ended := false
	for _, r := range cell {
		separator := r == '.' || r == ','
		switch {
		case r >= '0' && r <= '9', separator && !ended && before.Len() == 0, separator && !ended && digits.Len() > 0:
			if ended {
				return a, false // A second number.
			}
			if separator && digits.Len() == 0 {
				digits.WriteByte('0') // ".50"
			}
			digits.WriteRune(r)
			word = &after
		case blank(r), r == '\'', r == '’':
			// Spaces and apostrophes stand between thousands and around symbols.
		case r == '-', r == '\u2212':
			if a.negative || digits.Len() > 0 && ended {
				return a, false
			}
			a.negative = true
			ended = digits.Len() > 0
		case r == '+' && digits.Len() == 0 && !a.negative:
		case unicode.IsLetter(r), unicode.Is(unicode.Sc, r), r == '.':
			word.WriteRune(r)
			ended = digits.Len() > 0
		default:
			return a, false
		}
	}
	// "1.234,--" and "1.234.-" are not read; "12." and "12," are.
	a.digits = strings.TrimRight(digits.String(), ".,")
	if a.digits == "" || before.Len() > 0 && after.Len() > 0 {
		return a, false
	}
	symbol := before.String() + after.String()
	if symbol != "" {
		code, known := currencyOf(symbol)
		if !known {
			return a, false
		}
		a.currency = code
	}
	return a, true
}

// currencyOf returns the code of a symbol. Symbols of several currencies ($, ¥,
// kr) are known but have no code: guessing would put a deal into the wrong
// currency.
func currencyOf(symbol string) (code string, known bool) {
	switch s := strings.ToUpper(strings.Trim(symbol, ".")); s {
	case "€":
		return "EUR", true
	case "£":
		return "GBP", true
	case "US$", "$US":
		return "USD", true
	case "₹":
		return "INR", true
	case "ZŁ":
		return "PLN", true
	case "KČ":
		return "CZK", true
	case "R$":
		return "BRL", true
	case "$", "¥", "￥", "KR", "FR", "RS":
		return "", true
	default:
		if isCode(s) {
			return s, true
		}
		r, n := utf8.DecodeRuneInString(s)
		return "", n == len(s) && unicode.Is(unicode.Sc, r)
	}
}

// isCode reports whether s looks like an ISO 4217 code.
func isCode(s string) bool {
	return len(s) == 3 && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

// decimalVotes collects what the amounts of a file say about its decimal
// separator.
type decimalVotes struct{ point, comma int }

func (v *decimalVotes) add(cell string) {
	a, ok := splitAmount(cell)
	if !ok {
		return
	}
	switch decimalOf(a.digits) {
	case '.':
		v.point++
	case ',':
		v.comma++
	}
}

// style is how the amounts of a file are written.
type style struct {
	// decimal is the decimal separator, or 0 where the file does not show it.
	decimal byte
	// mixed says that both separators are used as decimal ones.
	mixed bool
}

func (v decimalVotes) style() style {
	switch {
	case v.point > 0 && v.comma > 0:
		return style{mixed: true}
	case v.point > 0:
		return style{decimal: '.'}
	case v.comma > 0:
		return style{decimal: ','}
	}
	return style{}
}

// decimalOf returns the decimal separator that a number shows by itself, or 0:
// the later of two kinds, or a single one that cannot stand between thousands.
// A separator that must stand between thousands shows that the other one is
// the decimal separator.
func decimalOf(digits string) byte {
	point, comma := strings.Count(digits, "."), strings.Count(digits, ",")
	switch {
	case point+comma == 0:
		return 0
	case point > 0 && comma > 0:
		if strings.LastIndexByte(digits, '.') > strings.LastIndexByte(digits, ',') {
			return '.'
		}
		return ','
	case point > 1:
		return ','
	case comma > 1:
		return '.'
	}
	sep := byte('.')
	if comma == 1 {
		sep = ','
	}
	if before, after, _ := strings.Cut(digits, string(sep)); len(after) != 3 || len(before) > 3 || before == "0" {
		return sep
	}
	return 0
}

// micros returns the exact value in millionths. Where the file does not show its
// decimal separator a number speaks for itself, and a single separator before
// exactly three digits stands between thousands, because no export writes amounts
// with three decimals. Where a file uses both, such a number is refused.
func (a rawAmount) micros(st style) (int64, bool) {
	own, decimal := decimalOf(a.digits), st.decimal
	if decimal == 0 {
		decimal = own
	}
	if own != 0 && own != decimal || own == 0 && st.mixed && strings.ContainsAny(a.digits, ".,") {
		return 0, false
	}
	whole, fraction := a.digits, ""
	if decimal != 0 {
		if i := strings.LastIndexByte(a.digits, decimal); i >= 0 {
			whole, fraction = a.digits[:i], a.digits[i+1:]
		}
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	if len(groups) == 0 || strings.ContainsAny(fraction, ".,") || !grouped(whole, groups) {
		return 0, false
	}
	if decimal != 0 && strings.IndexByte(whole, decimal) >= 0 {
		return 0, false
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 6 {
		return 0, false // More than millionths: no amount of money.
	}
	fraction += "000000"[len(fraction):]
	var n int64
	for _, c := range strings.Join(groups, "") + fraction {
		digit := int64(c - '0')
		if n > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	if a.negative {
		n = -n
	}
	return n, true
}

// grouped reports whether thousands are where they may be: the last group has
// three digits, those in the middle three or, as in India, two.
func grouped(whole string, groups []string) bool {
	if len(groups) == 1 {
		return !strings.ContainsAny(whole, ".,")
	}
	if strings.Count(whole, ".") > 0 && strings.Count(whole, ",") > 0 {
		return false
	}
	for i, g := range groups {
		switch {
		case i == 0 && len(g) > 3,
			i == len(groups)-1 && len(g) != 3,
			i > 0 && i < len(groups)-1 && len(g) != 3 && len(g) != 2:
			return false
		}
	}
	return true
}
