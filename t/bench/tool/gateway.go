package main

import (
	"context"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// As the documentation of both packages has it: a proxy whose transport adds
// the token that a source keeps.
func gateway(address, target string) {
	upstream, err := url.Parse(target)
	if err != nil {
		log.Fatal(err)
	}

	config := clientcredentials.Config{ClientID: "gateway",
		ClientSecret: "s3cret", TokenURL: target + "/token"}

	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConnsPerHost = 64

	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = &oauth2.Transport{Base: pool,
		Source: config.TokenSource(context.Background())}

	log.Fatal(http.ListenAndServe(address, proxy))
}
