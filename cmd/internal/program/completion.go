package program

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionFlag asks what may come next.
const completionFlag = "--generate-bash-completion"

// The scripts ask the program itself (--generate-bash-completion), so that they never grow old. FILE is the program's file.
const (
	bashCompletion = `_FILE() {
  local cur opts
  cur="${COMP_WORDS[COMP_CWORD]}"
  opts=$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "${opts}" -f -- "${cur}"))
}
complete -o filenames -F _FILE FILE
`
	zshCompletion = `#compdef FILE
_FILE() {
  local -a opts
  opts=("${(@f)$(${words[@]:0:#words[@]-1} --generate-bash-completion 2>/dev/null)}")
  _describe 'FILE' opts
  _files
}
compdef _FILE FILE
`
	fishCompletion = `complete -c FILE -a '(begin; set -l w (commandline -opc); $w --generate-bash-completion 2>/dev/null; end)'
`
)

func completionCommand(s Call) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script for a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: "bash: source <(" + s.Name + " completion bash)\n" +
			"zsh:  source <(" + s.Name + " completion zsh)\n" +
			"fish: " + s.Name + " completion fish | source",
		Action: func(c *cli.Context) error {
			scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
			script, ok := scripts[c.Args().First()]
			if !ok || c.NArg() != 1 {
				return fmt.Errorf("%s: bash, zsh or fish is wanted", strings.Join(append([]string{"completion"}, c.Args().Slice()...), " "))
			}
			_, err := fmt.Fprint(s.Out, strings.ReplaceAll(script, "FILE", s.File))
			return err
		},
	}
}
