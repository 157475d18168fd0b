package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
)

// runEcho serves HTTP as the endpoint of a Service: it answers with its own name and the address of who asks.
func runEcho(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	listen := flags.String("listen", ":8080", "address")
	if err := flags.Parse(args); err != nil {
		return err
	}
	host, _ := os.Hostname()
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "pod=%s client=%s path=%s\n", host, r.RemoteAddr, r.URL.Path)
		log.Printf("%s %s from %s", r.Method, r.URL.Path, r.RemoteAddr)
	})
	log.Printf("listening on %s", *listen)
	return serve(ctx, &http.Server{Addr: *listen, Handler: mux})
}
