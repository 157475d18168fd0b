package analyze

import (
	"io"
	"sync"
)

// chunkSize and chunksAhead bound what waits between the reader of the input and the parser of one member.
const (
	chunkSize   = 128 << 10
	chunksAhead = 6
)

var chunkPool = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// feed hands the bytes of one member from the goroutine that reads the input to the one that parses it, so that members are
// parsed side by side though the input is one stream.
type feed struct {
	chunks chan *[]byte
	done   chan struct{} // closed when the parser wants no more
	cur    *[]byte
	rest   []byte
	err    error // set before chunks is closed
}

func newFeed() *feed {
	return &feed{chunks: make(chan *[]byte, chunksAhead), done: make(chan struct{})}
}

// fill copies r into the feed until it ends; it returns the error that ended it early, which the parser sees too.
func (f *feed) fill(r io.Reader) error {
	defer close(f.chunks)
	for {
		chunk := chunkPool.Get().(*[]byte)
		*chunk = (*chunk)[:chunkSize]
		n, err := io.ReadFull(r, *chunk)
		if n > 0 {
			*chunk = (*chunk)[:n]
			select {
			case f.chunks <- chunk:
			case <-f.done:
				_, err := io.Copy(io.Discard, r)
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			f.err = err
			return err
		}
	}
}

// Chunk hands out what was not read yet of the present chunk, else the next one, without copying it; it is valid until the next
// call of Chunk or Read.
func (f *feed) Chunk() ([]byte, error) {
	for len(f.rest) == 0 {
		if f.cur != nil {
			chunkPool.Put(f.cur)
			f.cur = nil
		}
		chunk, ok := <-f.chunks
		if !ok {
			if f.err != nil {
				return nil, f.err
			}
			return nil, io.EOF
		}
		f.cur, f.rest = chunk, *chunk
	}
	all := f.rest
	f.rest = nil
	return all, nil
}

// Read implements io.Reader for the parser.
func (f *feed) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	data, err := f.Chunk()
	n := copy(p, data)
	f.rest = data[n:]
	return n, err
}

// close lets fill pass over what the parser did not read.
func (f *feed) close() { close(f.done) }
