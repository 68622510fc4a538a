package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type result struct {
	took   time.Duration
	status int
}

var headers = map[string]string{"User-Agent": "bench/1", "Accept": "*/*",
	"Accept-Language": "en", "X-Request-Id": "1", "Cookie": "a=b; c=d",
	"X-Forwarded-For": "192.0.2.1"}

// one request of seven headers, with Host
func ask(client *http.Client, url string) int {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		log.Fatal(err)
	}

	for name, value := range headers {
		r.Header.Set(name, value)
	}

	answer, err := client.Do(r)
	if err != nil {
		return 0
	}

	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return answer.StatusCode
}

func browser(timeout int) *http.Client {
	return &http.Client{Timeout: time.Duration(timeout) * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 1000,
			DisableCompression: true}}
}

// An open loop: who is late does not hold up those behind, and latency counts
// from when a request was due.  A rate of 0: all at once.  With tenants each
// request is one's, in an order that visits all of them.
func load(url string, rate, n, tenants, timeout int) {
	client := browser(timeout)
	results := make([]result, n)
	start := time.Now()

	var all sync.WaitGroup

	for i := range results {
		due := start

		if rate > 0 {
			due = start.Add(time.Duration(i) * time.Second /
				time.Duration(rate))
		}

		time.Sleep(time.Until(due))
		all.Add(1)
		target := url

		if tenants > 0 {
			target = of(url, i*7919%tenants)
		}

		go func(r *result) {
			defer all.Done()
			r.status = ask(client, target)
			r.took = time.Since(due)
		}(&results[i])
	}

	all.Wait()
	report(results, time.Since(start))
}

func of(url string, tenant int) string {
	return url + "?t=" + strconv.Itoa(tenant)
}

// each tenant once, 32 at a time
func fill(url string, tenants int) {
	client := browser(20)
	results := make([]result, tenants)
	start := time.Now()

	var all sync.WaitGroup
	var next int64

	for i := 0; i < 32; i++ {
		all.Add(1)

		go func() {
			defer all.Done()

			for {
				n := int(atomic.AddInt64(&next, 1)) - 1
				if n >= tenants {
					return
				}

				begin := time.Now()
				results[n].status = ask(client, of(url, n))
				results[n].took = time.Since(begin)
			}
		}()
	}

	all.Wait()
	report(results, time.Since(start))
}

func report(results []result, took time.Duration) {
	statuses := map[int]int{}

	for _, r := range results {
		statuses[r.status]++
	}

	sort.Slice(results, func(i, k int) bool {
		return results[i].took < results[k].took
	})

	ms := func(part float64) float64 {
		r := results[int(part*float64(len(results)-1))]
		return float64(r.took.Microseconds()) / 1000
	}

	json.NewEncoder(os.Stdout).Encode(map[string]any{"n": len(results),
		"statuses": statuses, "failed": len(results) - statuses[200],
		"median_ms": ms(0.5), "p99_ms": ms(0.99), "p999_ms": ms(0.999),
		"slowest_ms": ms(1), "took_s": took.Seconds()})
}
