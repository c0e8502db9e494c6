package io.github.probeselect.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.probeselect.testing.FakeBundle;
import io.github.probeselect.testing.FakeModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page in a Chromium. */
class PageTest {

  private static Browser browser;

  private TestServer server;

  @BeforeAll
  static void startBrowser() {
    browser = new Browser();
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void start(@TempDir Path data) {
    server = new TestServer(new FakeModel(FakeBundle.manifest()), data);
    browser.forget();
  }

  @AfterEach
  void stop() {
    browser.driver().get("about:blank");
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"360, 740, light", "360, 740, dark", "1440, 900, light", "1440, 900, dark"})
  void aSessionIsShownFromNoiseToTheKeptAtEveryWidth(int width, int height, String scheme) {
    browser.open(server.base(), width, height, scheme);
    begin("a red circle", 8, 2);

    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 2");

    List<WebElement> dropped = browser.all("[data-state=DROPPED]");
    assertThat(dropped).hasSize(6);
    assertThat(dropped.get(0).findElement(By.cssSelector(".reason")).getText())
        .contains("of 8 after step 2 of 10");
    await("previews are there", "return document.querySelectorAll('.tile img[src]').length === 8");
    await("the gallery is there", "return document.querySelectorAll('#pictures img').length === 2");
    assertThat(browser.byId("facts").getText()).contains("Finished", "6 dropped", "2 kept");
    assertThat(tooWide(width)).as("what is wider than the page").isEmpty();
    assertThat(browser.script("return document.documentElement.scrollWidth"))
        .isEqualTo((long) width);
    assertThat(browser.script("return getComputedStyle(document.body).colorScheme"))
        .isEqualTo(scheme);
    assertThat(overlapping()).isEmpty();
    assertThat(tooPale()).as("texts with a contrast of less than 4.5").isEmpty();
    assertThat(browser.problems()).as("the console").isEmpty();
    assertThat(browser.requests())
        .as("requests")
        .isNotEmpty()
        .allMatch(url -> url.startsWith(server.base().toString()) || url.startsWith("data:"));
  }

  @Test
  void everythingCanBeDoneByKeyboard() {
    browser.open(server.base(), 1440, 900, "light");
    browser.tabTo(".skip");
    browser.tabTo("#prompt");
    browser.tabTo("[name=mode]");
    browser.tabTo("#candidates");
    browser.press(Keys.chord(Keys.CONTROL, "a"), "6");
    browser.tabTo("#ask [type=submit]");
    browser.press(Keys.ENTER);
    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 1");
    assertThat(browser.script("return document.activeElement.id")).isEqualTo("stage");
    await("it is announced", "return document.getElementById('news').textContent !== ''");

    browser.tabTo("[data-do=resume]");
    browser.press(Keys.ENTER);
    await("two are kept", "return document.querySelectorAll('[data-state=KEPT]').length === 2");
    browser.tabTo("[data-do=vary]");
    browser.press(Keys.ENTER);
    await("the dialog is open", "return document.getElementById('vary').open");
    browser.tabTo("#vary-form [value=go]");
    browser.press(Keys.ENTER);
    await("four more are there", "return document.querySelectorAll('.tile').length === 10");
    await("three are kept", "return document.querySelectorAll('[data-state=KEPT]').length === 3");
    assertThat(browser.problems()).isEmpty();
  }

  /** As on a fast machine, where a session may have ended before the answer is read. */
  @Test
  void anAnswerThatComesLaterThanItsEventsDoesNotHideThem() {
    browser.open(server.base(), 1440, 900, "light");
    begin("a red circle", 4, 1);
    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 1");
    browser.script(
        """
        const answered = window.fetch;
        window.fetch = async (...request) => {
          const answer = await answered(...request);
          await new Promise((resolve) => setTimeout(resolve, 3000));
          window.late = true;
          return answer;
        };
        document.querySelector('[data-state=DROPPED] [data-do=resume]').click();""");

    await("the answer is there", "return window.late === true");
    await("two are kept", "return document.querySelectorAll('[data-state=KEPT]').length === 2");
    browser.script("return new Promise((resolve) => setTimeout(resolve, 500))");
    assertThat(browser.all("[data-state=KEPT]")).hasSize(2);
  }

  @Test
  void aScreenReaderFindsNamesAndNews() {
    browser.open(server.base(), 1440, 900, "light");
    begin("a red circle", 4, 1);
    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 1");

    assertThat(
            browser.script(
                """
                return [...document.querySelectorAll('input, select, textarea')]
                  .filter(field => field.labels.length === 0).map(field => field.id)"""))
        .as("fields without a label")
        .isEqualTo(List.of());
    assertThat(
            browser.script(
                """
                return [...document.querySelectorAll('.tile button:not([hidden])')]
                  .filter(button => !/candidate \\d+$/.test(button.getAttribute('aria-label')))
                  .map(button => button.outerHTML)"""))
        .as("buttons that do not name their candidate")
        .isEqualTo(List.of());
    assertThat(
            browser.script(
                "return [...document.querySelectorAll('.tile img')].map(i => i.alt).every(alt =>"
                    + " /^Candidate \\d, (dropped|finished and kept), step/.test(alt))"))
        .isEqualTo(true);
    assertThat(browser.all("main, h1, [role=status][aria-live=polite]")).hasSize(3);
    assertThat(browser.script("return document.documentElement.lang")).isEqualTo("en");
  }

  @Test
  void aWrongFieldIsShownWhereItIs() {
    browser.open(server.base(), 1440, 900, "light");
    browser.script("document.getElementById('ask').noValidate = true");
    browser.script("document.querySelector('details').open = true");
    browser.byId("width").sendKeys("20");
    browser.byId("ask").findElement(By.cssSelector("[type=submit]")).click();

    await("the error is shown", "return document.getElementById('ask-error').textContent !== ''");
    assertThat(browser.byId("ask-error").getText()).contains("width", "multiples of 8");
    assertThat(browser.byId("width").getAttribute("aria-invalid")).isEqualTo("true");
    assertThat(browser.script("return document.activeElement.id")).isEqualTo("width");
  }

  @Test
  void aPromptIsTextAndNothingElse() {
    browser.open(server.base(), 1440, 900, "light");
    begin("<img src=x onerror=\"document.title='broken'\"><script>1</script>", 2, 1);
    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 1");
    await("the gallery is there", "return document.querySelectorAll('#pictures img').length === 1");

    assertThat(browser.driver().getTitle()).isEqualTo("ProbeSelect");
    assertThat(browser.byId("stage-prompt").getText()).contains("<script>1</script>");
    assertThat(browser.problems()).isEmpty();
  }

  @Test
  void aReloadedPageShowsTheSameSession() {
    browser.open(server.base(), 1440, 900, "light");
    begin("a red circle", 4, 1);
    await("it is finished", "return document.querySelectorAll('[data-state=KEPT]').length === 1");

    browser.driver().navigate().refresh();

    await(
        "it is shown again", "return document.querySelectorAll('[data-state=KEPT]').length === 1");
    assertThat(browser.byId("stage-prompt").getText()).isEqualTo("a red circle");
  }

  private void begin(String prompt, int candidates, int keep) {
    set("prompt", prompt);
    set("candidates", candidates);
    set("keep", keep);
    browser.script("document.querySelector('#ask [type=submit]').click()");
  }

  private void set(String id, Object value) {
    browser.script("document.getElementById(arguments[0]).value = arguments[1]", id, value);
  }

  private void await(String what, String script) {
    browser.await(what, script);
  }

  private List<?> tooWide(int width) {
    return (List<?>)
        browser.script(
            """
            return [...document.querySelectorAll('body *')]
              .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > arguments[0] + 0.5)
              .map(e => e.outerHTML.slice(0, 120));""",
            width);
  }

  /** Controls that something else covers. */
  private List<?> overlapping() {
    return (List<?>)
        browser.script(
            """
            const visible = [...document.querySelectorAll('button, a, input, select, textarea')]
              .filter(e => e.checkVisibility() && !e.matches('.skip') && e.getClientRects().length);
            return visible.filter(e => {
              e.scrollIntoView({block: 'center'});
              const box = e.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return !(e === top || e.contains(top) || top?.closest('label')?.control === e);
            }).map(e => e.outerHTML);""");
  }

  private List<?> tooPale() {
    return (List<?>)
        browser.script(
            """
            const parse = text => text.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
              .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
              .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = e => {
              for (; e; e = e.parentElement) {
                const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length < 4 || c[3] > 0.5) return c;
              }
              return [255, 255, 255];
            };
            return [...document.querySelectorAll('body *')]
              .filter(e => e.checkVisibility() && !e.closest('.visually-hidden')
                && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
              .filter(e => {
                const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
                return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
              }).map(e => e.className + ': ' + e.textContent);""");
  }
}
