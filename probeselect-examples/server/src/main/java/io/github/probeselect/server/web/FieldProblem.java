package io.github.probeselect.server.web;

/**
 * What is wrong with a field of a request.
 *
 * @param field its name in the API of the request
 * @param problem what is wrong, and what is allowed
 */
public record FieldProblem(String field, String problem) {}
