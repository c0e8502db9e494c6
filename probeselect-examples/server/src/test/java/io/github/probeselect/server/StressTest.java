package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.server.TestServer.Answer;
import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 32 clients at once, some of which go away: for ten minutes, or as many seconds as {@code
 * -Dstress.seconds} says.
 */
@Tag("slow")
class StressTest {

  private static final int CLIENTS = 32;
  private static final Duration TIME = Duration.ofSeconds(Long.getLong("stress.seconds", 600));

  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
  private final LongAdder left = new LongAdder();
  private final long end = System.nanoTime() + TIME.toNanos();

  @Test
  void everyAnswerIs200Or429AndMemoryStaysFlat(@TempDir Path data) throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random seeds = new Random(seed);
    FakeModel model = new FakeModel(FakeBundle.manifest());
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    List<Long> used = new ArrayList<>();
    try (TestServer server = new TestServer(model, data)) {
      List<Future<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(seeds.nextLong());
        Callable<Void> client = () -> client(server, random);
        clients.add(threads.submit(client));
      }
      while (System.nanoTime() < end) {
        Thread.sleep(Math.min(10_000, TIME.toMillis() / 10));
        used.add(usedBytes());
      }
      for (Future<Void> client : clients) {
        client.get();
      }
      TestServer.await("all places are free", () -> server.busy() == 0);
      assertThat(server.post("/v1/images/generations", "{\"prompt\":\"last\"}").status())
          .isEqualTo(200);
    } finally {
      threads.shutdownNow();
    }
    System.out.println(
        "answers " + answers + ", gone away " + left + ", megabytes used " + megabytes(used));
    assertThat(answers.keySet()).isSubsetOf(200, 429);
    assertThat(answers.get(200).sum()).isPositive();
    assertThat(model.open()).as("what nobody closed").isEmpty();
    int third = used.size() / 3;
    assertThat(mean(used.subList(2 * third, used.size())))
        .as("bytes in the last third of the time, against the middle one")
        .isLessThan(1.25 * mean(used.subList(third, 2 * third)) + 20e6);
  }

  private Void client(TestServer server, Random random) throws Exception {
    while (System.nanoTime() < end) {
      boolean openAi = random.nextBoolean();
      String path = openAi ? "/v1/images/generations" : "/sdapi/v1/txt2img";
      String request =
          "{\"prompt\":\"p"
              + random.nextInt(50)
              + "\",\"candidates\":"
              + (1 + random.nextInt(8))
              + (random.nextBoolean() ? ",\"seed\":" + random.nextInt(1000) : "")
              + "}";
      if (random.nextInt(10) == 0) {
        goAway(server, path, request, random);
        left.increment();
        continue;
      }
      Answer answer = server.post(path, request);
      answers.computeIfAbsent(answer.status(), status -> new LongAdder()).increment();
      if (answer.status() == 429) {
        assertThat(Long.parseLong(answer.header("Retry-After"))).isPositive();
        Thread.sleep(random.nextInt(200));
      } else {
        assertThat(answer.json().get(openAi ? "data" : "images").size()).isEqualTo(1);
      }
    }
    return null;
  }

  private static void goAway(TestServer server, String path, String json, Random random)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket("localhost", server.base().getPort())) {
      socket
          .getOutputStream()
          .write(
              ("POST "
                      + path
                      + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                      + json.length()
                      + "\r\n\r\n"
                      + json)
                  .getBytes(StandardCharsets.US_ASCII));
      Thread.sleep(random.nextInt(50));
    }
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(value -> value).average().orElse(0);
  }

  private static List<Long> megabytes(List<Long> bytes) {
    return bytes.stream().map(value -> value >> 20).toList();
  }
}
