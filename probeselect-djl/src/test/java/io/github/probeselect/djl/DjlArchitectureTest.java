package io.github.probeselect.djl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.github.probeselect.testing.PackageRules;

/** What the DJL module may touch. */
@AnalyzeClasses(
    packages = {
      "io.github.probeselect.djl",
      "io.github.probeselect.dataset",
      "io.github.probeselect.evaluation"
    },
    importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class DjlArchitectureTest {

  private static final DescribedPredicate<JavaClass> THE_GUARD =
      describe(
          "the guard BoundaryTypes",
          type -> outermost(type).getName().equals("io.github.probeselect.djl.BoundaryTypes"));

  @ArchTest
  static final ArchRule onlyTheGuardNamesBfloat16 =
      noClasses()
          .that(not(THE_GUARD))
          .should()
          .accessField(DataType.class, "BFLOAT16")
          .because("a BFLOAT16 array aborts the JVM inside the native library");

  @ArchTest
  static final ArchRule theGuardNamesBfloat16 =
      classes()
          .that()
          .haveFullyQualifiedName("io.github.probeselect.djl.BoundaryTypes")
          .should()
          .accessField(DataType.class, "BFLOAT16");

  @ArchTest
  static final ArchRule onlyTheGuardLooksUpTypesByName =
      noClasses()
          .that(not(THE_GUARD))
          .should()
          .callMethod(DataType.class, "valueOf", String.class)
          .orShould()
          .callMethod(DataType.class, "fromSafetensors", String.class)
          .because("a name read from a file could be BFLOAT16's");

  @ArchTest
  static final ArchRule onlyScalingMultipliesByNumbers =
      noClasses()
          .that()
          .resideInAnyPackage("..djl.network..", "..djl.training..")
          .should()
          .callMethod(NDArray.class, "mul", Number.class)
          .orShould()
          .callMethod(NDArray.class, "div", Number.class)
          .because("their backward pass reads a number that a garbage collection may have freed");

  @ArchTest
  static final ArchRule datasetsAndEvaluationReachNoEngine =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.github.probeselect.dataset..", "io.github.probeselect.evaluation..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "io.github.probeselect.djl..")
          .because("they go with any backend");

  @ArchTest static final ArchTests everyModule = ArchTests.in(PackageRules.class);

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(DjlArchitectureTest::outermost).orElse(type);
  }
}
