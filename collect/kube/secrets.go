package kube

import (
	"net/http"
	"os"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// secrets knows the caller's own credentials, as far as they are text: to present the token again, and to keep them out of messages.
type secrets struct {
	mu    sync.Mutex
	token string   // the last one that was presented
	file  string   // of a token; "" where none is
	words []string // never to be told
}

// shortest is how long a text must be to be taken out of messages: a password "a" would take the sense away with it.
const shortest = 6

func newSecrets(config *rest.Config) *secrets {
	s := &secrets{token: config.BearerToken, file: config.BearerTokenFile}
	s.add(config.BearerToken)
	s.add(config.Password)
	if config.AuthProvider != nil {
		for key, value := range config.AuthProvider.Config {
			if strings.Contains(key, "token") || strings.Contains(key, "secret") {
				s.add(value)
			}
		}
	}
	if config.ExecProvider != nil {
		for _, env := range config.ExecProvider.Env {
			s.add(env.Value)
		}
	}
	return s
}

func (s *secrets) add(word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(word) < shortest {
		return
	}
	for _, w := range s.words {
		if w == word {
			return
		}
	}
	s.words = append(s.words, word)
}

// hide takes the caller's credentials out of a text.
func (s *secrets) hide(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, "(removed: credentials)")
	}
	return text
}

// watch sees the token that a request carries, wherever client-go had it from: a kubeconfig, a file, an exec plugin, a provider.
func (s *secrets) watch(next http.RoundTripper) http.RoundTripper { return &watched{s, next} }

type watched struct {
	secrets *secrets
	next    http.RoundTripper
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		w.secrets.add(token)
		w.secrets.mu.Lock()
		w.secrets.token = token
		w.secrets.mu.Unlock()
	}
	return w.next.RoundTrip(r)
}

// WrappedRoundTripper lets client-go find what lies below.
func (w *watched) WrappedRoundTripper() http.RoundTripper { return w.next }

// BearerToken is the token that the last request presented; before the first one, that of the kubeconfig. An exec plugin's is
// known after the first request.
func (c *Client) BearerToken() string {
	s := c.secrets
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" && s.file != "" {
		data, err := os.ReadFile(s.file)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(data))
	}
	return s.token
}
