package io.github.probeselect.api;

import io.github.probeselect.annotation.Experimental;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a compiled module gives to everyone: the public types of the packages that it exports
 * without a restriction, with their public and protected members. Nullness, generics and thrown
 * exceptions belong to it, names of parameters do not.
 */
final class PublicApi {

  private static final Pattern NULLABLE =
      Pattern.compile("@org\\.jspecify\\.annotations\\.Nullable\\(\\) ?");

  private final List<Class<?>> types;

  private PublicApi(List<Class<?>> types) {
    this.types = types;
  }

  /** Of the module in whose directory or jar the type lies. */
  static PublicApi of(Class<?> type) {
    Path place;
    try {
      place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
    Set<ModuleReference> modules = ModuleFinder.of(place).findAll();
    ModuleReference module =
        modules.stream()
            .filter(found -> !found.descriptor().isAutomatic())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no module-info.class in " + place));
    Set<String> packages =
        module.descriptor().exports().stream()
            .filter(export -> !export.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet());
    try (ModuleReader reader = module.open();
        Stream<String> files = reader.list()) {
      return new PublicApi(
          files
              .filter(file -> file.endsWith(".class") && file.contains("/"))
              .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
              .filter(name -> packages.contains(name.substring(0, name.lastIndexOf('.'))))
              .filter(name -> !name.endsWith(".package-info"))
              .<Class<?>>map(name -> load(name, type.getClassLoader()))
              .filter(PublicApi::isReachable)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** Public or protected, in a type of which the same is true. */
  private static boolean isReachable(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isOpen(type.getModifiers()) && (outer == null || isReachable(outer));
  }

  private static boolean isOpen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  /** The public types that lie in no other type. */
  List<String> topLevelTypes() {
    return types.stream()
        .filter(type -> type.getEnclosingClass() == null)
        .map(Class::getName)
        .sorted()
        .toList();
  }

  /** One line for each type and each member, sorted. */
  List<String> lines() {
    SortedSet<String> lines = new TreeSet<>();
    for (Class<?> type : types) {
      lines.add(declaration(type));
      Stream.of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
          .<Member>flatMap(Arrays::stream)
          .filter(member -> !member.isSynthetic() && isOpen(member.getModifiers()))
          .filter(member -> Modifier.isPublic(member.getModifiers()) || isExtensible(type))
          .forEach(member -> lines.add(type.getName() + ": " + text(member)));
    }
    return List.copyOf(lines);
  }

  /** Whether somebody else's class can reach protected members. */
  private static boolean isExtensible(Class<?> type) {
    return !Modifier.isFinal(type.getModifiers())
        && !type.isSealed()
        && Arrays.stream(type.getDeclaredConstructors())
            .anyMatch(constructor -> isOpen(constructor.getModifiers()));
  }

  private static String declaration(Class<?> type) {
    List<String> words = new ArrayList<>(marks(type));
    if (type.getPackage().isAnnotationPresent(Experimental.class)) {
      words.add(0, "@Experimental");
    }
    String declared = type.toGenericString();
    // A permitted subtype that is not reachable is nobody's business; that there is one, is.
    words.add(declared.replace(" " + type.getName(), " " + type.getSimpleName()));
    if (type.getSuperclass() != null && !type.isRecord() && !type.isEnum()) {
      words.addAll(listed("extends", type.getAnnotatedSuperclass()));
    }
    words.addAll(
        listed(type.isInterface() ? "extends" : "implements", type.getAnnotatedInterfaces()));
    if (type.isRecord()) {
      words.add(
          Arrays.stream(type.getRecordComponents())
              .map(component -> text(component.getAnnotatedType()) + " " + component.getName())
              .collect(Collectors.joining(", ", "(", ")")));
    }
    return type.getName() + ": " + String.join(" ", words);
  }

  private static List<String> listed(String word, AnnotatedType... types) {
    String names =
        Arrays.stream(types)
            .filter(type -> type.getType() != Object.class)
            .map(PublicApi::text)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? List.of() : List.of(word, names);
  }

  private static String text(Member member) {
    List<String> words = new ArrayList<>(marks((AnnotatedElement) member));
    int kinds =
        member instanceof Method
            ? Modifier.methodModifiers()
            : member instanceof Field ? Modifier.fieldModifiers() : Modifier.constructorModifiers();
    // How a member does its work is not part of the API.
    int shown = member.getModifiers() & kinds & ~(Modifier.SYNCHRONIZED | Modifier.NATIVE);
    words.addAll(List.of(Modifier.toString(shown).split(" ")));
    if (member instanceof Method method && method.isDefault()) {
      words.add("default");
    }
    if (member instanceof Field field) {
      words.add(text(field.getAnnotatedType()));
      words.add(field.getName());
      return String.join(" ", words);
    }
    Executable executable = (Executable) member;
    if (executable.getTypeParameters().length > 0) {
      words.add(
          Arrays.stream(executable.getTypeParameters())
              .map(PublicApi::text)
              .collect(Collectors.joining(", ", "<", ">")));
    }
    if (executable instanceof Method method) {
      words.add(text(method.getAnnotatedReturnType()));
    }
    String name =
        executable instanceof Method
            ? executable.getName()
            : executable.getDeclaringClass().getSimpleName();
    words.add(
        Arrays.stream(executable.getAnnotatedParameterTypes())
            .map(PublicApi::text)
            .collect(Collectors.joining(", ", name + "(", ")")));
    words.addAll(listed("throws", executable.getAnnotatedExceptionTypes()));
    return String.join(" ", words);
  }

  private static String text(TypeVariable<?> variable) {
    return String.join(
        " ",
        Stream.concat(
                Stream.of(variable.getName()),
                listed("extends", variable.getAnnotatedBounds()).stream())
            .toList());
  }

  private static String text(AnnotatedType type) {
    return NULLABLE.matcher(type.toString()).replaceAll("@Nullable ");
  }

  /** Annotations that promise something or take it back. */
  private static List<String> marks(AnnotatedElement element) {
    List<String> marks =
        Arrays.stream(element.getDeclaredAnnotations())
            .map(annotation -> annotation.annotationType())
            .filter(
                kind ->
                    kind == Deprecated.class
                        || kind == FunctionalInterface.class
                        || kind.getName().startsWith("io.github.probeselect."))
            .map(kind -> "@" + kind.getSimpleName())
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.sort(marks);
    return marks;
  }
}
