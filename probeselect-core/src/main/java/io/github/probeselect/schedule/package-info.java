/**
 * Schedules: immutable values whose step is plain arithmetic on latents.
 *
 * <p>A {@link io.github.probeselect.schedule.Scheduler} is read from a bundle and describes the
 * noise schedule that a model was trained with. For a number of steps it computes a {@link
 * io.github.probeselect.schedule.Schedule}: the timestep that the denoiser receives at each step,
 * and how its prediction updates the latents. The state of a trajectory is its {@link
 * io.github.probeselect.schedule.SamplerState}: the latents, and what a multistep rule stores of
 * earlier steps. Nothing else changes, so a trajectory can be dropped, resumed or repeated
 * independently of any other.
 *
 * <p>The classes of diffusers that are read, and the papers their arithmetic is from:
 *
 * <ul>
 *   <li>{@code DDIMScheduler}: Song et al., "Denoising Diffusion Implicit Models" (2020)
 *   <li>{@code PNDMScheduler}, its multistep half: Liu et al., "Pseudo Numerical Methods for
 *       Diffusion Models on Manifolds" (2022)
 *   <li>{@code EulerDiscreteScheduler}: Karras et al., "Elucidating the Design Space of
 *       Diffusion-Based Generative Models" (2022)
 *   <li>{@code DPMSolverMultistepScheduler}: Lu et al., "DPM-Solver++: Fast Solver for Guided
 *       Sampling of Diffusion Probabilistic Models" (2022)
 *   <li>{@code UniPCMultistepScheduler}: Zhao et al., "UniPC: A Unified Predictor-Corrector
 *       Framework for Fast Sampling of Diffusion Models" (2023)
 *   <li>{@code FlowMatchEulerDiscreteScheduler}: Esser et al., "Scaling Rectified Flow Transformers
 *       for High-Resolution Image Synthesis" (2024)
 * </ul>
 *
 * <p>Latents are those of diffusers after every step, up to rounding in single precision.
 */
@NullMarked
package io.github.probeselect.schedule;

import org.jspecify.annotations.NullMarked;
