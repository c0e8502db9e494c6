package io.github.probeselect.server.web;

import java.util.List;
import java.util.stream.Collectors;

/** A request that cannot be served as it is. */
public final class BadRequestException extends RuntimeException {

  private final int status;
  private final List<FieldProblem> problems;

  /** A request that is wrong as a whole. */
  public BadRequestException(int status, String message) {
    super(message);
    this.status = status;
    this.problems = List.of();
  }

  /** A request with wrong fields. */
  public BadRequestException(List<FieldProblem> problems) {
    super(
        problems.stream()
            .map(problem -> problem.field() + ": " + problem.problem())
            .collect(Collectors.joining("; ")));
    this.status = 400;
    this.problems = List.copyOf(problems);
  }

  /** A request with one wrong field. */
  public BadRequestException(String field, String problem) {
    this(List.of(new FieldProblem(field, problem)));
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The fields that are wrong; empty if it is the request as a whole. */
  public List<FieldProblem> problems() {
    return problems;
  }
}
