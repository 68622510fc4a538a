// What a benchmark needs beside the gateways: an authorization server with an
// API (backend), a load of N requests, RATE a second or all at once if that is
// 0, of one or so many tenants, a first request of each tenant (fill), and one of
// the peers, a reverse proxy of Go's own library (gateway).
//
//	tool backend ADDRESS
//	tool gateway ADDRESS BACKEND [tenants]
//	tool load URL RATE N [TENANTS]
//	tool fill URL TENANTS
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
)

func main() {
	log.SetFlags(0)

	switch arg := append(os.Args[1:], "", "", "", "", ""); arg[0] {
	case "backend":
		backend(arg[1])
	case "gateway":
		gateway(arg[1], arg[2], arg[3] == "tenants")
	case "load":
		load(arg[1], number(arg[2]), number(arg[3]), number(arg[4]))
	case "fill":
		fill(arg[1], number(arg[2]))
	default:
		fmt.Fprintln(os.Stderr, "usage: tool backend|gateway|load|fill ...")
		os.Exit(2)
	}
}

// 0 if it is not given
func number(text string) int {
	if text == "" {
		return 0
	}

	n, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return n
}
