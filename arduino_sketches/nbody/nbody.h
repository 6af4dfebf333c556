// nbody: the Sun and four planets, n steps of their motion in single precision: arithmetic with a square root a pair.
//
// Units: astronomical unit, year, and the Sun's mass times 4 pi^2. Positions, velocities and masses are rounded to
// 1/65536 so that both languages hold exactly the same.
#pragma once

#include <Bench.h>
#include <math.h>

namespace nbody {

static const uint32_t BODIES = 5;     // Sun, Jupiter, Saturn, Uranus, Neptune
static const float STEP = 1 / 128.0f; // years

static const int32_t X[BODIES] = {0, 317288, 546791, 845045, 1007924};
static const int32_t Y[BODIES] = {0, -76043, 270323, -990324, -1698648};
static const int32_t Z[BODIES] = {0, -6791, -26445, -14635, 11748};
static const int32_t VX[BODIES] = {0, 39736, -66242, 70962, 64166};
static const int32_t VY[BODIES] = {0, 184286, 119647, 56932, 38974};
static const int32_t VZ[BODIES] = {0, -1653, 552, -710, -2278};
static const int32_t MASS[BODIES] = {2587258, 2470, 740, 113, 133};

static uint32_t steps;
static float *mass;
static float *initial_x;
static float *initial_y;
static float *initial_z;
static float *initial_vx;
static float *initial_vy;
static float *initial_vz;
static float *x;
static float *y;
static float *z;
static float *vx;
static float *vy;
static float *vz;

// Copies one initial value of every body.
static BENCH_NOINLINE void load(float *values, const float *initial) {
  for (uint32_t i = 0; i < BODIES; i++) {
    values[i] = initial[i];
  }
}

// Changes the velocities by what all pairs of bodies do to each other during a step.
static BENCH_NOINLINE void attract(const float *x, const float *y, const float *z, float *vx, float *vy, float *vz,
                                   const float *mass, float step) {
  for (uint32_t i = 0; i < BODIES; i++) {
    for (uint32_t j = i + 1; j < BODIES; j++) {
      float dx = x[i] - x[j];
      float dy = y[i] - y[j];
      float dz = z[i] - z[j];
      float square = dx * dx + dy * dy + dz * dz;
      float pull = step / (square * sqrtf(square));
      float pull_i = mass[j] * pull;
      float pull_j = mass[i] * pull;
      vx[i] -= dx * pull_i;
      vy[i] -= dy * pull_i;
      vz[i] -= dz * pull_i;
      vx[j] += dx * pull_j;
      vy[j] += dy * pull_j;
      vz[j] += dz * pull_j;
    }
  }
}

// Changes one coordinate of every body by what its velocity makes of it during a step.
static BENCH_NOINLINE void move(float *values, const float *velocities, float step) {
  for (uint32_t i = 0; i < BODIES; i++) {
    values[i] += step * velocities[i];
  }
}

// Makes n steps from the initial state.
static BENCH_NOINLINE void advance(uint32_t n, float step) {
  load(x, initial_x);
  load(y, initial_y);
  load(z, initial_z);
  load(vx, initial_vx);
  load(vy, initial_vy);
  load(vz, initial_vz);
  for (uint32_t i = 0; i < n; i++) {
    attract(x, y, z, vx, vy, vz, mass, step);
    move(x, vx, step);
    move(y, vy, step);
    move(z, vz, step);
  }
}

// Enters what is given in parts of 1/65536.
static void fill(float *values, const int32_t *parts) {
  for (uint32_t i = 0; i < BODIES; i++) {
    values[i] = parts[i] / 65536.0f;
  }
}

// Gives the Sun the velocity with which the common centre of mass rests.
static void stop_drift(float *velocities) {
  for (uint32_t i = 1; i < BODIES; i++) {
    velocities[0] -= velocities[i] * mass[i] / mass[0];
  }
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  steps = n;
  mass = bench::allocate<float>(BODIES);
  initial_x = bench::allocate<float>(BODIES);
  initial_y = bench::allocate<float>(BODIES);
  initial_z = bench::allocate<float>(BODIES);
  initial_vx = bench::allocate<float>(BODIES);
  initial_vy = bench::allocate<float>(BODIES);
  initial_vz = bench::allocate<float>(BODIES);
  x = bench::allocate<float>(BODIES);
  y = bench::allocate<float>(BODIES);
  z = bench::allocate<float>(BODIES);
  vx = bench::allocate<float>(BODIES);
  vy = bench::allocate<float>(BODIES);
  vz = bench::allocate<float>(BODIES);
  fill(mass, MASS);
  fill(initial_x, X);
  fill(initial_y, Y);
  fill(initial_z, Z);
  fill(initial_vx, VX);
  fill(initial_vy, VY);
  fill(initial_vz, VZ);
  stop_drift(initial_vx);
  stop_drift(initial_vy);
  stop_drift(initial_vz);
}

static uint32_t run() {
  advance(steps, STEP);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  uint32_t bytes = BODIES * sizeof(float);
  uint32_t total = bench::adler32(z, bytes, bench::adler32(y, bytes, bench::adler32(x, bytes)));
  return bench::adler32(vz, bytes, bench::adler32(vy, bytes, bench::adler32(vx, bytes, total)));
}

} // namespace nbody

BENCH_WORKLOAD(nbody)
