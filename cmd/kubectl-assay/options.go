package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// whatFlags say what to collect; `plan` has them too.
func whatFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "service", Usage: "the Service in question, `NAMESPACE/NAME`; may be given several times; all of type LoadBalancer otherwise"},
		&cli.StringSliceFlag{Name: "node", Usage: "only what is on this `NODE`; may be given several times"},
		&cli.DurationFlag{Name: "since", Usage: "logs of this `TIME` before now, such as 1h; all that there is otherwise"},
		&cli.StringFlag{Name: "for", Usage: "`github` keeps the bundle below 25,000,000 bytes, which GitHub takes as an attachment"},
		&cli.BoolFlag{Name: "no-exec", Usage: "run no command in any container"},
		&cli.StringFlag{Name: "metrics-service-account", Usage: "ServiceAccount, `NAMESPACE/NAME`, that a token for metrics is asked for where you have none"},
		&cli.DurationFlag{Name: "debug-logs", Usage: "raise MetalLB's log level for this `TIME`, such as 60s, before logs are read, and put it back"},
		&cli.DurationFlag{Name: "deadline", Value: collect.DefaultLimits().Deadline, Usage: "`TIME` that the whole may take"},
		&cli.GenericFlag{Name: "attach", Value: &words{}, Usage: "add a `FILE` of your own; may be given several times"},
		&cli.StringFlag{Name: "note", Usage: "what you want to say: `TEXT` for the reader of the report"},
	}
}

// shaping are the flags that a bundle tells of.
var shaping = []string{"namespace", "as", "as-group", "service", "node", "since", "for", "no-exec", "metrics-service-account", "debug-logs", "deadline", "attach"}

// options reads the flags, and refuses what does not go.
func options(c *cli.Context) (collect.Options, error) {
	attach, _ := c.Generic("attach").(*words)
	o := collect.Options{Namespace: c.String("namespace"), Services: c.StringSlice("service"), Nodes: c.StringSlice("node"), Since: c.Duration("since"),
		NoExec: c.Bool("no-exec"), ForGitHub: c.String("for") == "github", MetricsAccount: c.String("metrics-service-account"), DebugLogs: c.Duration("debug-logs"),
		Limits: collect.Limits{Deadline: c.Duration("deadline")}, Note: c.String("note"),
		Tool: schema.Tool{Name: binary, Version: program.Version()}, Params: schema.Parameters{}}
	if err := check(c, o); err != nil {
		return o, err
	}
	for _, path := range *attach {
		st, err := os.Stat(path)
		if err != nil {
			return o, fmt.Errorf("--attach %w", err)
		}
		if !st.Mode().IsRegular() {
			return o, fmt.Errorf("--attach %s: it is no file", path)
		}
		o.Attach = append(o.Attach, collect.Attachment{Name: filepath.Base(path), Path: path})
	}
	for _, name := range shaping {
		if c.IsSet(name) {
			o.Params[name] = value(c, name)
		}
	}
	return o, nil
}

func check(c *cli.Context, o collect.Options) error {
	if err := noArguments(c); err != nil {
		return err
	}
	for _, name := range o.Services {
		if !qualified(name) {
			return fmt.Errorf("--service %s: NAMESPACE/NAME is wanted", name)
		}
	}
	if a := o.MetricsAccount; a != "" && !qualified(a) {
		return fmt.Errorf("--metrics-service-account %s: NAMESPACE/NAME is wanted", a)
	}
	if f := c.String("for"); f != "" && f != "github" {
		return fmt.Errorf("--for %s: github is wanted", f)
	}
	for _, name := range []string{"since", "debug-logs", "deadline"} {
		if c.Duration(name) < 0 || c.IsSet(name) && c.Duration(name) == 0 {
			return fmt.Errorf("--%s %s: a time such as 60s is wanted", name, c.Duration(name))
		}
	}
	return nil
}

func qualified(name string) bool {
	namespace, rest, ok := strings.Cut(name, "/")
	return ok && namespace != "" && rest != "" && !strings.Contains(rest, "/")
}

// value is a flag's value as text, with several joined by commas.
func value(c *cli.Context, name string) string {
	switch v := c.Value(name).(type) {
	case cli.StringSlice:
		return strings.Join(v.Value(), ",")
	case []string:
		return strings.Join(v, ",")
	case time.Duration:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// changer is what a collection that changes something changes it through; nil for one that does not.
func changer(client collect.Changer, o collect.Options) collect.Changer {
	if o.DebugLogs > 0 || o.MetricsAccount != "" {
		return client
	}
	return nil
}
