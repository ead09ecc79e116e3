package mediatest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/media/mediatest"
)

// victimEnv makes the test program one that starts a server and is then killed.
const victimEnv = "FIELDREEL_TEST_MINIO_VICTIM"

// TestVictim is no test of its own: TestMinIODiesWithTest runs it in another process.
func TestVictim(t *testing.T) {
	if os.Getenv(victimEnv) != "1" {
		return
	}
	fmt.Printf("endpoint %s\n", mediatest.StartMinIO(t).Endpoint)
	time.Sleep(time.Hour) // Until it is killed; then nothing of it runs any more, no clean-up either.
}

func TestMinIODiesWithTest(t *testing.T) {
	mediatest.StartMinIO(t) // Skips or fails where there is none.
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimEnv+"=1", "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	endpoint := ""
	for lines := bufio.NewScanner(out); endpoint == "" && lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "endpoint ") {
			endpoint = strings.TrimPrefix(line, "endpoint ")
		}
	}
	if c, err := net.Dial("tcp", endpoint); err != nil {
		t.Errorf("the server does not run: %v", err)
	} else if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // It was killed.
	for deadline := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", endpoint)
		if err != nil {
			return
		}
		_ = c.Close()
		if time.Now().After(deadline) {
			t.Fatal("the server outlives the test that started it")
		}
		time.Sleep(10 * time.Millisecond) //nolint:forbidigo // a process of the system has no event to wait for
	}
}
