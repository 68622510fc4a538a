// What a benchmark needs beside the gateways: an authorization server with an
// API (backend), a load of N requests, RATE a second or all at once if that is
// 0, and one of the peers, a reverse proxy of Go's own library (gateway).
//
//	tool backend ADDRESS
//	tool gateway ADDRESS BACKEND
//	tool load URL RATE N
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
		gateway(arg[1], arg[2])
	case "load":
		load(arg[1], number(arg[2]), number(arg[3]))
	default:
		fmt.Fprintln(os.Stderr, "usage: tool backend|gateway|load ...")
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
