// What a benchmark needs beside the gateways: an authorization server with an
// API (backend), a load of N requests, RATE a second or all at once if that is
// 0, of so many tenants or none, with a timeout in seconds, a first request of
// each tenant (fill), and one of the peers, a reverse proxy of Go's own library
// (gateway).
//
//	tool backend ADDRESS
//	tool gateway ADDRESS BACKEND [tenants]
//	tool load URL RATE N TENANTS TIMEOUT
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

	switch arg := append(os.Args[1:], "", "", "", ""); arg[0] {
	case "backend":
		backend(arg[1])
	case "gateway":
		gateway(arg[1], arg[2], arg[3] == "tenants")
	case "load":
		load(arg[1], number(arg[2]), number(arg[3]), number(arg[4]),
			number(arg[5]))
	case "fill":
		fill(arg[1], number(arg[2]))
	default:
		fmt.Fprintln(os.Stderr, "usage: tool backend|gateway|load|fill ...")
		os.Exit(2)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return n
}
