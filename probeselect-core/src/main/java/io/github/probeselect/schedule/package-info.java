/**
 * Schedules: immutable values whose step is plain arithmetic on latents.
 *
 * <p>A {@link io.github.probeselect.schedule.Scheduler} is read from a bundle and knows how a model
 * was trained to remove noise. For a number of steps it plans a {@link
 * io.github.probeselect.schedule.Schedule}, a walk from noise to image: what the denoiser is told
 * at each step, and how its prediction carries the latents to the next one. Where a trajectory is
 * on that walk is its {@link io.github.probeselect.schedule.SamplerState}: latents, and what a
 * multistep rule remembers of earlier steps. Nothing else changes, so a trajectory can be dropped,
 * carried on or repeated without regard to any other.
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
