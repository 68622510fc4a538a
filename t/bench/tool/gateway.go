package main

import (
	"context"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// As the documentation of both packages has it: a proxy whose transport adds
// the token that a source keeps; with tenants, one source each.
func gateway(address, target string, tenants bool) {
	upstream, err := url.Parse(target)
	if err != nil {
		log.Fatal(err)
	}

	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConnsPerHost = 64

	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = source(pool, target, nil)

	if tenants {
		proxy.Transport = &sources{pool: pool, target: target,
			of: map[string]http.RoundTripper{}}
	}

	log.Fatal(http.ListenAndServe(address, proxy))
}

func source(pool http.RoundTripper, target string,
	scopes []string) http.RoundTripper {

	config := clientcredentials.Config{ClientID: "gateway",
		ClientSecret: "s3cret", TokenURL: target + "/token",
		Scopes: scopes}

	return &oauth2.Transport{Base: pool,
		Source: config.TokenSource(context.Background())}
}

type sources struct {
	sync.RWMutex
	pool   http.RoundTripper
	target string
	of     map[string]http.RoundTripper
}

func (s *sources) RoundTrip(r *http.Request) (*http.Response, error) {
	tenant := r.URL.Query().Get("t")

	s.RLock()
	one := s.of[tenant]
	s.RUnlock()

	if one == nil {
		s.Lock()

		if one = s.of[tenant]; one == nil {
			one = source(s.pool, s.target, []string{tenant})
			s.of[tenant] = one
		}

		s.Unlock()
	}

	return one.RoundTrip(r)
}
