package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect/kube"
)

// words is the value of a flag that may be given several times and whose values may have commas.
type words []string

func (w *words) Set(value string) error { *w = append(*w, value); return nil }
func (w *words) String() string         { return strings.Join(*w, ",") }

// clusterFlags are those by which every user of kubectl chooses a cluster, and MetalLB's namespace in it.
func clusterFlags() []cli.Flag {
	const category = "Cluster:"
	return []cli.Flag{
		&cli.StringFlag{Name: "kubeconfig", Category: category, Usage: "`FILE` to use instead of those of KUBECONFIG, or ~/.kube/config"},
		&cli.StringFlag{Name: "context", Category: category, Usage: "`NAME` of the kubeconfig's context"},
		&cli.StringFlag{Name: "cluster", Category: category, Usage: "`NAME` of the kubeconfig's cluster"},
		&cli.StringFlag{Name: "user", Category: category, Usage: "`NAME` of the kubeconfig's user"},
		&cli.StringFlag{Name: "server", Aliases: []string{"s"}, Category: category, Usage: "`ADDRESS` of the API server"},
		&cli.StringFlag{Name: "namespace", Aliases: []string{"n"}, Category: category, EnvVars: []string{"METALLB_NS"}, Usage: "MetalLB's `NAMESPACE`; found by itself where it is not given"},
		&cli.StringFlag{Name: "as", Category: category, Usage: "`USER` to impersonate"},
		&cli.StringFlag{Name: "as-uid", Category: category, Usage: "`UID` to impersonate"},
		&cli.GenericFlag{Name: "as-group", Category: category, Value: &words{}, Usage: "`GROUP` to impersonate; may be given several times"},
		&cli.StringFlag{Name: "token", Category: category, Usage: "bearer `TOKEN` for the API server"},
		&cli.StringFlag{Name: "request-timeout", Category: category, Value: "0", Usage: "`TIME` for one request, such as 30s; 0 for none"},
		&cli.BoolFlag{Name: "insecure-skip-tls-verify", Category: category, Usage: "do not check the API server's certificate"},
		&cli.Float64Flag{Name: "qps", Category: category, Value: 100, Usage: "requests a second, in the long run"},
		&cli.IntFlag{Name: "burst", Category: category, Value: 200, Usage: "requests at once"},
	}
}

// open prepares to talk to the cluster that the flags choose.
func open(c *cli.Context) (*kube.Client, error) {
	timeout, err := requestTimeout(c.String("request-timeout"))
	if err != nil {
		return nil, err
	}
	groups, _ := c.Generic("as-group").(*words)
	client, err := kube.Open(kube.Options{Kubeconfig: c.String("kubeconfig"), Context: c.String("context"), Cluster: c.String("cluster"), User: c.String("user"),
		Server: c.String("server"), As: c.String("as"), AsUID: c.String("as-uid"), AsGroups: *groups, Token: c.String("token"), RequestTimeout: timeout,
		InsecureSkipTLSVerify: c.Bool("insecure-skip-tls-verify"), UserAgent: binary + "/" + program.Version(), QPS: float32(c.Float64("qps")), Burst: c.Int("burst")})
	if err != nil {
		return nil, program.Exit(program.ExitNothing, err)
	}
	return client, nil
}

// requestTimeout reads a duration as kubectl does: a number alone is seconds.
func requestTimeout(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("--request-timeout %s: a time such as 30s is wanted", text)
	}
	return d, nil
}

// noArguments refuses arguments, which are flags whose dashes somebody forgot.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return fmt.Errorf("%s %s: it takes no arguments, only flags", c.Command.Name, c.Args().First())
	}
	return nil
}
