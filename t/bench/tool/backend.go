package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A token names its number, when it ends, in milliseconds, and its scope: the
// API needs no memory of tokens to know a good one.

var state struct {
	life, size, delay         int64 // ms, bytes, ms
	down, revoked             int64 // 1 while /token answers 503; up to this
	logins, requests, refused int64
}

func backend(address string) {
	state.life, state.size = 3600_000, 1024

	mux := http.NewServeMux()
	mux.HandleFunc("/token", token)
	mux.HandleFunc("/set", set)
	mux.HandleFunc("/stats", stats)
	mux.HandleFunc("/", api)

	log.Fatal(http.ListenAndServe(address, mux))
}

func token(w http.ResponseWriter, r *http.Request) {
	n := atomic.AddInt64(&state.logins, 1)
	time.Sleep(time.Duration(atomic.LoadInt64(&state.delay)) * time.Millisecond)

	if atomic.LoadInt64(&state.down) != 0 {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}

	life := atomic.LoadInt64(&state.life)
	text := fmt.Sprintf("t.%d.%d.%s.", n, time.Now().UnixMilli()+life,
		r.FormValue("scope"))
	kind := "Bearer"

	if r.Header.Get("DPoP") != "" {
		kind = "DPoP"
	}

	if pad := int(atomic.LoadInt64(&state.size)) - len(text); pad > 0 {
		text += strings.Repeat("x", pad)
	}

	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": text,
		"token_type": kind, "expires_in": life / 1000})
}

// the limit and the floor have no token, or one of their own; a tenant wants the
// token of its name
func good(r *http.Request) bool {
	part := strings.SplitN(r.Header.Get("Authorization")+
		r.FormValue("access_token"), ".", 5)

	if len(part) != 5 {
		return strings.HasPrefix(r.URL.Path, "/open")
	}

	n, _ := strconv.ParseInt(part[1], 10, 64)
	end, _ := strconv.ParseInt(part[2], 10, 64)

	return n > atomic.LoadInt64(&state.revoked) &&
		time.Now().UnixMilli() < end && part[3] == r.FormValue("t")
}

func api(w http.ResponseWriter, r *http.Request) {
	atomic.AddInt64(&state.requests, 1)

	if !good(r) {
		atomic.AddInt64(&state.refused, 1)
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		http.Error(w, "refused", http.StatusUnauthorized)
		return
	}

	w.Write([]byte("an answer of some bytes, as an API has\n"))
}

func set(w http.ResponseWriter, r *http.Request) {
	for name, place := range map[string]*int64{"life": &state.life,
		"size": &state.size, "delay": &state.delay, "down": &state.down} {

		if n, err := strconv.ParseInt(r.FormValue(name), 10, 64); err == nil {
			atomic.StoreInt64(place, n)
		}
	}

	if r.FormValue("revoke") != "" {
		atomic.StoreInt64(&state.revoked, atomic.LoadInt64(&state.logins))
	}

	if r.FormValue("clear") != "" {
		atomic.StoreInt64(&state.requests, 0)
		atomic.StoreInt64(&state.refused, 0)
	}

	stats(w, r)
}

func stats(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(map[string]int64{
		"logins":   atomic.LoadInt64(&state.logins),
		"requests": atomic.LoadInt64(&state.requests),
		"refused":  atomic.LoadInt64(&state.refused)})
}
