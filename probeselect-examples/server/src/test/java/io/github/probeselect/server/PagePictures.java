package io.github.probeselect.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Writes the pictures of the page for the documentation, with the default model:
 *
 * <pre>mvn -q test -pl probeselect-examples/server -am -Dtest=PagePictures -Dpictures.write=true
 * </pre>
 */
class PagePictures {

  private static final Path IMAGES = Path.of("../../docs/images");

  @Test
  void write(@TempDir Path data) throws Exception {
    assumeTrue(Boolean.getBoolean("pictures.write"), "-Dpictures.write=true writes the pictures");
    Pipeline pipeline = ProbeSelect.openDefault();
    try (ConfigurableApplicationContext context = TestServer.start(pipeline, data);
        Browser browser = new Browser()) {
      int port = ((WebServerApplicationContext) context).getWebServer().getPort();
      URI base = URI.create("http://localhost:" + port);
      browser.open(base, 1440, 1180, "light");
      browser.await(
          "the plan is there",
          "return document.querySelectorAll('#funnel li').length > 1"
              + " && document.getElementById('plan').ariaBusy === 'false'");
      session(browser, "two green stars and a black cross on a striped cyan background", 11);
      browser.await(
          "it is finished",
          "return document.getElementById('facts').textContent.includes('Finished')");
      session(browser, "a red circle above a blue square on a gray background", 100);
      browser.await(
          "candidates have been dropped",
          "return document.querySelectorAll('[data-state=DROPPED]').length > 0"
              + " && document.querySelectorAll('[data-state=RUNNING] img[src]').length > 0");
      settle();
      write(browser, "server-live.png");
      browser.await(
          "it is finished",
          "return document.getElementById('facts').textContent.includes('Finished')");
      settle();
      write(browser, "server-light.png");
      String hash = (String) browser.script("return location.hash");
      browser.open(URI.create(base + "/?dark" + hash), 1440, 1180, "dark");
      settle();
      write(browser, "server-dark.png");
      browser.open(URI.create(base + "/?narrow" + hash), 360, 780, "light");
      settle();
      browser.script("document.getElementById('stage').scrollIntoView()");
      settle();
      write(browser, "server-360.png");
    }
  }

  private static void session(Browser browser, String prompt, int seed) {
    browser.script("document.querySelector('[name=mode][value=count]').click()");
    browser.script("document.getElementById('prompt').value = arguments[0]", prompt);
    browser.script("document.getElementById('seed').value = arguments[0]", seed);
    browser.script("document.getElementById('keep').value = 3");
    browser.script("document.getElementById('candidates').value = 12");
    browser.script("document.querySelector('#ask [type=submit]').click()");
    browser.await(
        "it has begun",
        "return document.getElementById('stage-prompt').textContent === document.getElementById('prompt').value");
    browser.script("document.getElementById('keep').value = 1");
    browser.script("document.getElementById('budget').value = 4");
    browser.script("document.querySelector('[name=mode][value=budget]').click()");
    browser.await(
        "the plan is there",
        "return document.querySelectorAll('#funnel li').length > 1"
            + " && document.getElementById('plan').ariaBusy === 'false'");
    browser.script("scrollTo(0, 0)");
  }

  private static void settle() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(1500);
  }

  private static void write(Browser browser, String name) throws java.io.IOException {
    Files.write(IMAGES.resolve(name), browser.picture());
  }
}
