package io.github.probeselect;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.probeselect.testing.PackageRules;

/** What core may reach, and in which direction. */
@AnalyzeClasses(
    packages = "io.github.probeselect",
    importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {

  @ArchTest
  static final ArchRule coreReachesNoTensorLibrary =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "org.tensorflow..", "ai.onnxruntime..")
          .because("an engine is reached through the backend that the class path offers");

  @ArchTest
  static final ArchRule coreKnowsNoBackendOfItsOwn =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.probeselect.dataset..",
              "io.github.probeselect.djl..",
              "io.github.probeselect.evaluation..",
              "io.github.probeselect.scenes..",
              "io.github.probeselect.apps..",
              "io.github.probeselect.tools..",
              "io.github.probeselect.research..")
          .because("the other modules depend on core, never the other way round");

  @ArchTest
  static final ArchRule theRunIsOnTop =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.github.probeselect")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.probeselect")
          .because("requests, runs and sessions use the other packages, never the other way round");

  @ArchTest
  static final ArchRule valuesKnowNothingOfTheSearchForPlans =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.github.probeselect.bundle..",
              "io.github.probeselect.image..",
              "io.github.probeselect.model..",
              "io.github.probeselect.planning..",
              "io.github.probeselect.selection..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.probeselect.internal.planning..",
              "io.github.probeselect.internal.selection..")
          .because("what users hold does not depend on how a run selects or a budget is planned");

  @ArchTest
  static final ArchRule readingAndWritingKnowNoModel =
      noClasses()
          .that()
          .resideInAPackage("io.github.probeselect.internal.io..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.probeselect.bundle..",
              "io.github.probeselect.model..",
              "io.github.probeselect.selection..",
              "io.github.probeselect.planning..");

  @ArchTest static final ArchTests everyModule = ArchTests.in(PackageRules.class);
}
