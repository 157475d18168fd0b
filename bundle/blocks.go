package bundle

import (
	"bufio"
	"bytes"
	"io"
	"runtime"
	"sync"
)

// blocks decompresses the blocks of a bundle, several at once, and yields them in order.
//
//	split ──► work ──► inflate, inflate, ... ──► job.done
//	   └────────────► order ──► next ──► free ──► split
type blocks struct {
	free, work, order chan *job
	stop              chan struct{}
	once              sync.Once

	cur   *job
	after error    // told when cur is used up
	rest  producer // takes over where blocks end and a plain gzip stream goes on
	plain func() producer
}

func newBlocks(br *bufio.Reader, c *counter) *blocks {
	workers := min(max(runtime.GOMAXPROCS(0), 2), 4)
	b := &blocks{
		free: make(chan *job, workers+1), work: make(chan *job, workers+1), order: make(chan *job, workers+1),
		stop:  make(chan struct{}),
		plain: func() producer { return newAhead(br, c) },
	}
	for range workers + 1 { // one more is with whoever reads
		b.free <- &job{done: make(chan struct{}, 1)}
	}
	for range workers {
		go b.inflate()
	}
	go b.split(br, c)
	return b
}

func (b *blocks) inflate() {
	z := new(inflater)
	for j := range b.work {
		j.inflate(z)
		j.done <- struct{}{}
	}
}

// split cuts the file into blocks. A nil in order says that a stream without blocks follows.
func (b *blocks) split(br *bufio.Reader, c *counter) {
	defer close(b.work)
	defer close(b.order)
	for {
		var j *job
		select {
		case j = <-b.free:
		case <-b.stop:
			return
		}
		j.at = c.n.Load() - int64(br.Buffered())
		j.out, j.gap, j.first, j.cut = j.out[:0], nil, false, false
		size, data, ok := peekBlock(br)
		if !ok {
			if !b.notABlock(br, j) {
				return
			}
			j.done <- struct{}{}
			b.order <- j
			continue
		}
		if cap(j.comp) < size {
			j.comp = make([]byte, size+size/8)
		}
		n, err := io.ReadFull(br, j.comp[:size])
		j.comp, j.data, j.cut = j.comp[:n], data, err != nil
		if n <= data {
			j.gap = &Gap{At: j.at, Lost: -1, Why: "the file ends within a block", Cut: true}
			j.done <- struct{}{}
			b.order <- j
			return
		}
		b.order <- j
		b.work <- j
		if err != nil {
			return
		}
	}
}

// notABlock decides what to do where no block begins: at the end nothing, with a plain gzip member go on without blocks, else
// look for the next block and tell that something is lost (true: j says so).
func (b *blocks) notABlock(br *bufio.Reader, j *job) bool {
	head, _ := br.Peek(blockHeader)
	switch {
	case len(head) == 0:
		return false
	case len(head) < blockHeader:
		j.gap = &Gap{At: j.at, Lost: -1, Why: "the file ends within a block", Cut: true}
		br.Discard(len(head))
		return true
	case bytes.Equal(head[:3], blockMagic[:3]) && !bytes.Equal(head[12:14], []byte("AY")):
		b.order <- nil
		return false
	}
	if !nextBlock(br) {
		j.gap = &Gap{At: j.at, Lost: -1, Why: "no block begins where the one before it ends", Cut: true}
		return true
	}
	j.gap = &Gap{At: j.at, Lost: -1, Why: "no block begins where the one before it ends; read on at the next"}
	return true
}

// nextBlock moves br to the next place where a block begins; false when there is none.
func nextBlock(br *bufio.Reader) bool {
	for {
		br.Discard(1)
		window, err := br.Peek(br.Size())
		if i := bytes.Index(window, blockMagic); i >= 0 && (i+blockHeader <= len(window) || err == nil) {
			br.Discard(i)
			if _, _, ok := peekBlock(br); ok {
				return true
			}
			continue
		}
		if err != nil {
			return false
		}
		br.Discard(len(window) - len(blockMagic))
	}
}

func (b *blocks) next() ([]byte, error) {
	if b.rest != nil {
		return b.rest.next()
	}
	if err := b.after; err != nil {
		b.after = nil
		return nil, err
	}
	if b.cur != nil {
		b.free <- b.cur
		b.cur = nil
	}
	j, ok := <-b.order
	switch {
	case !ok:
		return nil, io.EOF
	case j == nil:
		b.rest = b.plain()
		return b.rest.next()
	}
	<-j.done
	b.cur = j
	switch {
	case j.gap == nil:
		return j.out, nil
	case j.first || len(j.out) == 0:
		return j.out, j.gap
	}
	b.after = j.gap
	return j.out, nil
}

func (b *blocks) close() {
	b.once.Do(func() {
		close(b.stop)
		if b.rest != nil {
			b.rest.close()
		}
	})
}
