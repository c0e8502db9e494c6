package io.github.probeselect.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Schedulers of every class and of every kind that steps in a way of its own. */
public final class SchedulerConfigs {

  private static final ObjectMapper JSON = new ObjectMapper();

  public static final String DDIM = "DDIMScheduler";
  public static final String PNDM = "PNDMScheduler";
  public static final String EULER = "EulerDiscreteScheduler";
  public static final String DPM = "DPMSolverMultistepScheduler";
  public static final String UNIPC = "UniPCMultistepScheduler";
  public static final String FLOW = "FlowMatchEulerDiscreteScheduler";

  /** The class names in diffusers. */
  public static final List<String> TYPES = List.of(DDIM, PNDM, EULER, DPM, UNIPC, FLOW);

  /**
   * Schedulers whose denoiser predicts the noise, the image or a flow: all of it stays the same
   * along a straight path.
   */
  public static List<SchedulerSpec> ofConstantPredictions() {
    Object flow = "flow_prediction";
    return List.of(
        of(DDIM, "clip_sample", false),
        of(PNDM, "set_alpha_to_one", true),
        of(EULER),
        of(EULER, "use_karras_sigmas", true),
        of(EULER, "prediction_type", "sample", "timestep_spacing", "leading"),
        of(DPM),
        of(DPM, "solver_type", "heun", "use_karras_sigmas", true),
        of(DPM, "solver_order", 3, "lower_order_final", false),
        of(DPM, "use_flow_sigmas", true, "prediction_type", flow),
        of(UNIPC),
        of(UNIPC, "solver_order", 3, "solver_type", "bh1"),
        of(UNIPC, "solver_order", 3, "disable_corrector", List.of(0, 2)),
        of(UNIPC, "use_karras_sigmas", true, "prediction_type", "sample"),
        of(UNIPC, "use_flow_sigmas", true, "prediction_type", flow),
        of(UNIPC, "use_flow_sigmas", true, "use_dynamic_shifting", true, "prediction_type", flow),
        of(FLOW, "shift", 3.0),
        of(FLOW, "use_dynamic_shifting", true));
  }

  /** Those, and some whose denoiser predicts a velocity. */
  public static List<SchedulerSpec> all() {
    List<SchedulerSpec> all = new ArrayList<>(ofConstantPredictions());
    for (String type : TYPES.subList(0, 5)) {
      all.add(of(type, "prediction_type", "v_prediction"));
    }
    all.add(
        of(
            UNIPC,
            "predict_x0",
            false,
            "final_sigmas_type",
            "sigma_min",
            "prediction_type",
            "v_prediction"));
    return all;
  }

  /** A scheduler with some options, given as keys and values in turn. */
  public static SchedulerSpec of(String type, Object... options) {
    Map<String, Object> config = new HashMap<>();
    if (type.equals(PNDM)) {
      config.put("skip_prk_steps", true);
    }
    for (int i = 0; i < options.length; i += 2) {
      config.put((String) options[i], options[i + 1]);
    }
    return SchedulerSpec.of(type, config, null);
  }

  /** A scheduler that follows a flow, with further options. */
  public static SchedulerSpec flow(String type, Object... options) {
    Map<String, Object> config = new HashMap<>(of(type, options).config());
    config.put("use_flow_sigmas", true);
    config.put("prediction_type", "flow_prediction");
    return SchedulerSpec.of(type, config, null);
  }

  /** Puts a scheduler into a manifest whose denoiser takes any timestep. */
  public static Consumer<ObjectNode> in(SchedulerSpec scheduler) {
    return manifest -> {
      manifest.withObject("denoiser").put("timestepType", "float32");
      manifest
          .putObject("scheduler")
          .put("type", scheduler.type())
          .set("config", JSON.valueToTree(scheduler.config()));
    };
  }

  private SchedulerConfigs() {}
}
