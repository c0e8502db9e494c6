package io.github.probeselect.schedule;

/** Small systems of linear equations, by elimination with the largest pivot of each column. */
final class LinearSystem {

  private LinearSystem() {}

  /** Returns x with {@code matrix x = right}; calculated in double precision. */
  static float[] solve(float[][] matrix, float[] right) {
    int size = right.length;
    double[][] rows = new double[size][size + 1];
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < size; k++) {
        rows[i][k] = matrix[i][k];
      }
      rows[i][size] = right[i];
    }
    for (int pivot = 0; pivot < size; pivot++) {
      swapLargestUp(rows, pivot);
      for (int i = pivot + 1; i < size; i++) {
        double factor = rows[i][pivot] / rows[pivot][pivot];
        for (int k = pivot; k <= size; k++) {
          rows[i][k] -= factor * rows[pivot][k];
        }
      }
    }
    float[] solution = new float[size];
    for (int i = size - 1; i >= 0; i--) {
      double sum = rows[i][size];
      for (int k = i + 1; k < size; k++) {
        sum -= rows[i][k] * solution[k];
      }
      solution[i] = (float) (sum / rows[i][i]);
    }
    return solution;
  }

  private static void swapLargestUp(double[][] rows, int pivot) {
    int largest = pivot;
    for (int i = pivot + 1; i < rows.length; i++) {
      if (Math.abs(rows[i][pivot]) > Math.abs(rows[largest][pivot])) {
        largest = i;
      }
    }
    double[] row = rows[pivot];
    rows[pivot] = rows[largest];
    rows[largest] = row;
  }
}
