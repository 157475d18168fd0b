package logs

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// memberMessages are the speaker's own about memberlist; the library's stand in memberRows.
var memberMessages = []message{
	{msg: "node event - forcing sync", id: model.MsgMemberJoin, of: model.Speaker, do: nodeEvent},
	{msg: "Node event", id: model.MsgMemberJoin, of: model.Speaker, do: nodeEvent},
	{msg: "Call Force Sync"},
	{op: "Member detection"},
	{op: "memberDiscovery", msg: "partial join", id: model.MsgJoinFailed, of: model.Speaker, do: partialJoin},
	{op: "memberDiscovery", level: "error", id: model.MsgJoinFailed, of: model.Speaker, do: ownWords},
	{op: "memberDiscovery", msg: "failed to get pod IPs", id: model.MsgJoinFailed, of: model.Speaker},
	{op: "memberDiscovery"},
}

// nodeEvent: the first member that a speaker sees after its start is mostly itself; the model drops the guess where several claim one node.
func nodeEvent(l *reading, r *record, s *sighting) bool {
	node := plain(r.get(fieldNodeName))
	switch string(r.get(fieldNodeEvent)) {
	case "NodeJoin":
		if l.started && l.log.Node == "" {
			l.log.Node, l.log.NodeGuess = l.intern(node), true
		}
		l.started = false
	case "NodeLeave":
		s.id = model.MsgMemberLeave
	default:
		return false
	}
	s.value = node
	return true
}

// partialJoin: how many of how many speakers were joined.
func partialJoin(_ *reading, r *record, s *sighting) bool {
	s.value = joinedOf(r.get(fieldJoined), r.get(fieldExpected))
	return true
}

func joinedOf(joined, expected []byte) []byte {
	v := append(bytes.Clone(joined), '/')
	return append(v, expected...)
}

// memberJoined is v0.9's "Memberlist join": an error only where it says one.
func memberJoined(_ *reading, _ *record, s *sighting) bool {
	if s.err == nil {
		return false
	}
	s.id = model.MsgJoinFailed
	return true
}

// memberRow is a message of the memberlist library: how it begins behind "memberlist: ", and which word of it names the other
// side, counted from 0 behind the beginning; -1 when none does.
type memberRow struct {
	starts string
	id     model.MessageID
	word   int
	reason string
	benign bool
}

var memberRows = []memberRow{
	{syncWith, "", -1, "", true},
	{"Stream connection from", "", -1, "", true},
	{"Using dynamic bind port", "", -1, "", true},
	{"Failed UDP ping: ", model.MsgMemberSuspect, 0, "lost probe", true},
	{"Failed ping: ", model.MsgMemberSuspect, 0, "lost probe", true},
	{"Suspect ", model.MsgMemberSuspect, 0, "", false},
	{"Marking ", model.MsgMemberSuspect, 0, "marked as failed", false},
	{"Refuting a suspect message (from: ", model.MsgMemberSuspect, 0, "refuted", true},
	{"Refuting a dead message (from: ", model.MsgMemberSuspect, 0, "refuted", true},
	{"Was able to connect to ", model.MsgMemberError, 0, "udp", false},
	{"Failed fallback TCP ping", model.MsgMemberError, -1, "tcp", false},
	{"Failed fallback ping", model.MsgMemberError, -1, "tcp", false},
	{"Push/Pull with ", model.MsgMemberError, 0, "tcp", false},
	{"Push/pull with ", model.MsgMemberError, 0, "tcp", false},
	{"Failed push/pull merge", model.MsgMemberError, -1, "merge", false},
	{"Failed to send gossip to ", model.MsgMemberError, 0, "udp", false},
	{"Failed to send ping", model.MsgMemberError, -1, "udp", false},
	{"Failed to send compound ping and suspect message to ", model.MsgMemberError, 0, "udp", false},
	{"Failed to join ", model.MsgMemberError, 0, reasonJoin, false},
	{"Failed to resolve : ", model.MsgMemberError, -1, reasonJoin, true}, // a pod without an address yet
	{"Failed to resolve ", model.MsgMemberError, 0, reasonJoin, false},
	{"Decrypt packet failed", model.MsgMemberError, -1, "key", false},
	{"failed to receive and remove the stream label header", model.MsgMemberError, -1, "label", false},
	{"Got unexpected label", model.MsgMemberError, -1, "label", false},
	{"discarding packet with unacceptable label", model.MsgMemberError, -1, "label", false},
	{"failed to receive: ", model.MsgMemberError, -1, "key", false},
	{"Conflicting address for ", model.MsgMemberError, 0, "conflict", false},
	{"Got ping for unexpected node ", model.MsgMemberError, 0, "stranger", false},
	{"Got bind error: ", model.MsgPortInUse, -1, "", false},
}

// syncWith begins the line of a member that exchanges its whole state with another one, picked at random: never with itself.
const syncWith = "Initiating push/pull sync with"

// maxSynced bounds Log.Synced.
const maxSynced = 1024

// syncedWith counts for ": ADDR:PORT" (until v0.10), " NODE ADDR:PORT" or "  ADDR:PORT" (who joins does not know the name yet).
func (l *reading) syncedWith(rest []byte) {
	l.ignore()
	words := bytes.TrimLeft(rest, ": ")
	if i := bytes.LastIndexByte(words, ' '); i >= 0 {
		words = words[i+1:]
	}
	i := bytes.LastIndexByte(words, ':')
	if i <= 0 {
		return
	}
	addr := bytes.Trim(words[:i], "[]")
	if n, ok := l.log.Synced[string(addr)]; ok || len(l.log.Synced) < maxSynced && len(addr) <= 64 {
		if l.log.Synced == nil {
			l.log.Synced = map[string]int{}
		}
		l.log.Synced[l.intern(addr)] = n + 1
	}
}

// memberTexts are the rows' own words.
var memberTexts = func() map[string]string {
	texts := map[string]string{}
	for _, row := range memberRows {
		texts[row.starts] = "memberlist: " + strings.TrimRight(row.starts, " (:")
	}
	return texts
}()

// takeMemberlist reads a line of the memberlist library. In v0.9 and v0.10 its level stands in the text: "[WARN] memberlist: ...",
// and in v0.9.0-v0.9.3 the caller before it.
func (l *reading) takeMemberlist(r *record, level string) {
	l.is(model.Speaker, false)
	msg := r.get(fieldMsg)
	if i := bytes.IndexByte(msg, '['); i >= 0 && i < 40 {
		if end := bytes.IndexByte(msg[i:], ']'); end > 0 {
			if tag := levelOf(tagLevel(msg[i+1 : i+end])); tag != "" {
				level, msg = tag, bytes.TrimLeft(msg[i+end+1:], " ")
			}
		}
	}
	if level == "debug" {
		l.log.Debug = true
	}
	msg, ok := bytes.CutPrefix(msg, []byte("memberlist: "))
	if !ok {
		l.takeMemberOther(msg, level)
		return
	}
	for i := range memberRows {
		row := &memberRows[i]
		rest, ok := bytes.CutPrefix(msg, []byte(row.starts))
		if !ok {
			continue
		}
		if row.starts == syncWith {
			l.syncedWith(rest)
			return
		}
		if row.id == "" {
			l.skipFromNow(skipLine)
			l.ignore()
			return
		}
		l.noteMember(row, plain(rest), level)
		return
	}
	l.takeMemberOther(msg, level)
}

func tagLevel(tag []byte) []byte {
	if string(tag) == "ERR" {
		return []byte("error")
	}
	return bytes.ToLower(tag)
}

func (l *reading) noteMember(row *memberRow, rest []byte, level string) {
	s := sighting{id: row.id, level: level, text: memberTexts[row.starts], reason: []byte(row.reason), benign: row.benign}
	s.value = memberOf(row, rest)
	s.err = bytes.TrimLeft(rest, ": ")
	if row.reason == "lost probe" {
		s.err = nil
	}
	if row.id == model.MsgPortInUse {
		if !bytes.Contains(rest, []byte("address already in use")) {
			s.id = model.MsgMemberError
		} else {
			s.value = boundAddress(rest)
		}
	}
	l.note(&s)
}

// memberOf is who the line is about: the word that the row says, else what follows from=.
func memberOf(row *memberRow, rest []byte) []byte {
	if row.word == 0 {
		word, _, _ := bytes.Cut(rest, []byte(" "))
		word = bytes.TrimRight(word, ":,)")
		return bytes.Trim(word, "'\"")
	}
	if _, from, ok := bytes.Cut(rest, []byte("from=")); ok {
		word, _, _ := bytes.Cut(from, []byte(" "))
		// the port is the connection's own: who speaks is told by the address
		if i := bytes.LastIndexByte(word, ':'); i > 0 && isNumber(word[i+1:]) {
			word = word[:i]
		}
		return word
	}
	return nil
}

func isNumber(b []byte) bool {
	_, err := strconv.Atoi(string(b))
	return err == nil
}

func (l *reading) takeMemberOther(msg []byte, level string) {
	if level != "warn" && level != "error" {
		l.ignore()
		return
	}
	msg = plain(msg)
	l.note(&sighting{id: model.MsgMemberError, level: level, text: l.intern(append([]byte("memberlist: "), detail(numberless(nil, msg))...)), err: msg})
}
