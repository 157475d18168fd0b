package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"

	admission "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// serveWebhook serves an admission webhook that lets everything through, and /healthz: the lab's objects may be wrong on purpose.
func serveWebhook(ctx context.Context, c *cluster, address string) {
	cert, err := selfSigned()
	if err != nil {
		c.log.zap(levelError, "error", "controller-runtime.webhook", "no certificate", "error", err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var review admission.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(w, "no admission review", http.StatusBadRequest)
			return
		}
		review.Response = &admission.AdmissionResponse{UID: review.Request.UID, Allowed: true, Result: &metav1.Status{Status: metav1.StatusSuccess}}
		review.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review)
	})
	c.log.zap(levelInfo, "info", "controller-runtime.webhook", "Starting webhook server")
	if err := serve(ctx, &http.Server{Addr: address, Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}}); err != nil {
		c.log.zap(levelError, "error", "controller-runtime.webhook", "webhook server ended", "error", err)
	}
}
