package io.github.probeselect.testing;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The public types of a module that was compiled into a directory, for tests of all of them. */
public final class PublicTypes {

  private static final String CLASS = ".class";

  private PublicTypes() {}

  /**
   * The public types of the packages that the module of a type exports to everybody.
   *
   * @throws IOException if the compiled classes cannot be read
   */
  public static List<Class<?>> besides(Class<?> one) throws IOException {
    Path classes = place(one);
    List<Class<?>> types = new ArrayList<>();
    try (InputStream module = Files.newInputStream(classes.resolve("module-info.class"))) {
      for (ModuleDescriptor.Exports exports : ModuleDescriptor.read(module).exports()) {
        if (!exports.isQualified()) {
          collect(classes, exports.source(), types);
        }
      }
    }
    return types;
  }

  private static Path place(Class<?> one) {
    try {
      return Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static void collect(Path classes, String packageName, List<Class<?>> types)
      throws IOException {
    try (Stream<Path> files = Files.list(classes.resolve(packageName.replace('.', '/')))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(CLASS) && !file.startsWith("package-info"))
          .map(file -> packageName + "." + file.substring(0, file.length() - CLASS.length()))
          .map(PublicTypes::load)
          .filter(PublicTypes::isReachable)
          .forEach(types::add);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicTypes.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isReachable(Class<?> type) {
    Class<?> enclosing = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers()) && (enclosing == null || isReachable(enclosing));
  }

  /** The public type of which a value is one, itself if it is public. */
  public static Class<?> of(Object value) {
    Class<?> type = value.getClass();
    Optional<Class<?>> itsInterface = Arrays.stream(type.getInterfaces()).findFirst();
    return Modifier.isPublic(type.getModifiers()) ? type : itsInterface.orElseThrow();
  }
}
