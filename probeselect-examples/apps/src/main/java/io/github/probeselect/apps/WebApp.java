package io.github.probeselect.apps;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.probeselect.Candidate;
import io.github.probeselect.GenerationListener;
import io.github.probeselect.GenerationResult;
import io.github.probeselect.GenerationResult.ImageForm;
import io.github.probeselect.KeptImage;
import io.github.probeselect.Pipeline;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Bytes, JSON and events for a web page, on the server of the JDK: {@code /image?prompt=...} is the
 * best image as a PNG, {@code /result?prompt=...} the result as JSON with its images, and {@code
 * /events?prompt=...} a stream of server-sent events with previews, decisions, images and result,
 * whose generation is cancelled when the page is closed.
 */
@Command(
    name = "WebApp",
    description = "Serves images, JSON and a stream of events to a page on this machine.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class WebApp implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--port", description = "The port, on the loopback interface; 0 for a free one.")
  private int port = 8080;

  /** Runs the app. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new WebApp()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Pipeline pipeline = model.open()) {
      HttpServer server = serve(pipeline, port, threads);
      System.out.println("http:/" + server.getAddress() + "/image?prompt=a+red+circle");
      try {
        Thread.currentThread().join(); // until the process is ended
      } finally {
        server.stop(0);
      }
      return 0;
    } finally {
      threads.shutdown();
    }
  }

  /** Starts the server; requests run on the threads. */
  static HttpServer serve(Pipeline pipeline, int port, ExecutorService threads) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/image", exchange -> answer(exchange, () -> image(pipeline, exchange)));
    server.createContext("/result", exchange -> answer(exchange, () -> result(pipeline, exchange)));
    server.createContext("/events", exchange -> answer(exchange, () -> events(pipeline, exchange)));
    server.start();
    return server;
  }

  private static void image(Pipeline pipeline, HttpExchange exchange) throws IOException {
    KeptImage best = pipeline.generate(prompt(exchange), 8, 1).images().get(0);
    exchange.getResponseHeaders().set("X-Seed", Long.toString(best.seed()));
    send(exchange, 200, "image/png", best.toPng());
  }

  private static void result(Pipeline pipeline, HttpExchange exchange) throws IOException {
    GenerationResult result = pipeline.generate(prompt(exchange), 8, 2);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    result.writeJson(exchange.getResponseBody(), ImageForm.BASE64);
  }

  private static void events(Pipeline pipeline, HttpExchange exchange) throws IOException {
    Events events = new Events(exchange.getResponseBody());
    String prompt = prompt(exchange);
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    pipeline.request(prompt).candidates(8).previewEvery(4).listener(events).generate();
  }

  /** Writes every event to the page. */
  private record Events(OutputStream stream) implements GenerationListener {

    @Override
    public void onPreview(Preview preview) {
      send("preview", preview);
    }

    @Override
    public void onDecision(List<Candidate> candidates) {
      send("decision", candidates);
    }

    @Override
    public void onImage(KeptImage image) {
      send("image", image);
    }

    @Override
    public void onResult(GenerationResult result) {
      send("result", result);
    }

    private void send(String event, Object data) {
      try {
        String text = "event: " + event + "\ndata: " + JSON.writeValueAsString(data) + "\n\n";
        stream.write(text.getBytes(StandardCharsets.UTF_8));
        stream.flush();
      } catch (IOException e) {
        throw new GenerationCancelledException("the page was closed", e);
      }
    }
  }

  /** Answers a request. */
  private interface Answer {
    void send() throws IOException;
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    try {
      answer.send();
    } catch (InvalidRequestException e) {
      send(exchange, 400, "application/json", json(String.valueOf(e.getMessage())));
    } catch (GenerationCancelledException e) {
      // Nobody is there to be told.
    } catch (RuntimeException e) {
      send(exchange, 500, "application/json", json("the generation failed"));
    } finally {
      exchange.close();
    }
  }

  private static byte[] json(String message) throws IOException {
    return JSON.writeValueAsBytes(Map.of("error", message));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String prompt(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    if (query == null || !query.startsWith("prompt=")) {
      throw new InvalidRequestException("the query is ?prompt=..., such as ?prompt=a+red+circle");
    }
    return URLDecoder.decode(query.substring("prompt=".length()), StandardCharsets.UTF_8);
  }
}
