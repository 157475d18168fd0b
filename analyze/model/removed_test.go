package model

import "testing"

func TestPasswordMark(t *testing.T) {
	for text, want := range map[string]string{
		"(removed: BGP password, #1)":                                 "#1",
		"neighbor 192.0.2.1 password 7 (removed: BGP password, #12) ": "#12",
		`password: '(removed: password in a URL, #3)'`:                "#3",
		"(removed: BGP password, #)":                                  "",
		"(removed: BGP password, #x1)":                                "",
		"(removed: BGP password, #1":                                  "",
		"removed: BGP password, #1)":                                  "",
		"t0r-secret":                                                  "",
		"<retracted>":                                                 "",
	} {
		if got := PasswordMark(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
