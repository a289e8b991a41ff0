// Redpanda Connect's free core with its own components, and one output more: synced_file, which appends a line for each
// message and syncs once for each batch before it is acknowledged. The core's file output never syncs.
package main

import (
	"context"
	"os"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure/extended"
	"github.com/redpanda-data/benthos/v4/public/service"
)

type syncedFile struct {
	path string
	file *os.File
}

func (s *syncedFile) Connect(context.Context) (err error) {
	s.file, err = os.OpenFile(s.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

// One batch at a time is in flight.
func (s *syncedFile) WriteBatch(_ context.Context, batch service.MessageBatch) error {
	var lines []byte
	for _, message := range batch {
		body, err := message.AsBytes()
		if err != nil {
			return err
		}
		lines = append(append(lines, body...), '\n')
	}
	if _, err := s.file.Write(lines); err != nil {
		return err
	}
	return s.file.Sync()
}

func (s *syncedFile) Close(context.Context) error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

func main() {
	spec := service.NewConfigSpec().Field(service.NewStringField("path")).Field(service.NewBatchPolicyField("batching"))
	make := func(conf *service.ParsedConfig, _ *service.Resources) (service.BatchOutput, service.BatchPolicy, int, error) {
		path, err := conf.FieldString("path")
		if err != nil {
			return nil, service.BatchPolicy{}, 0, err
		}
		policy, err := conf.FieldBatchPolicy("batching")
		return &syncedFile{path: path}, policy, 1, err
	}
	if err := service.RegisterBatchOutput("synced_file", spec, make); err != nil {
		panic(err)
	}
	service.RunCLI(context.Background())
}
