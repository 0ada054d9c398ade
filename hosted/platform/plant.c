/* SPDX-License-Identifier: Apache-2.0
 *
 * What platform_plant does on Linux: a timer's signal to the first thread, whose handler looks at the clock until its
 * time is over, and notes how long it took.
 */
#include "hosted/platform/plant.h"

#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The handler's while the timer runs, on the thread that reads it otherwise. */
static struct {
	bool runs;
	timer_t timer;
	uint64_t length_ticks;
	struct platform_planted planted;
} plant;

/* SIGRTMIN is that of a core that is stopped (cores.c). */
static int plant_signal(void) {
	return SIGRTMIN + 1;
}

static void disturb(int number) {
	uint64_t begin = ticks_begin(), ticks;
	(void)number;
	do
		ticks = ticks_begin() - begin;
	while (ticks < plant.length_ticks);
	plant.planted.ticks[plant.planted.times % PLATFORM_PLANTED_KEPT] =
		ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
	plant.planted.times++;
}

void plant_end(void) {
	if (plant.runs)
		timer_delete(plant.timer);
	plant.runs = false;
}

int plant_begin(uint64_t every_ns, uint64_t length_ticks) {
	struct sigaction action = {.sa_handler = disturb, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = plant_signal()};
	const struct timespec every = {(time_t)(every_ns / NS_PER_SECOND), (long)(every_ns % NS_PER_SECOND)};
	plant.length_ticks = length_ticks;
	event._sigev_un._tid = gettid();
	sigaction(plant_signal(), &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &plant.timer) != 0)
		return PLATFORM_EUNSUPPORTED;
	plant.runs = timer_settime(plant.timer, 0, &(struct itimerspec){every, every}, NULL) == 0;
	if (!plant.runs)
		timer_delete(plant.timer);
	return plant.runs ? 0 : PLATFORM_EUNSUPPORTED;
}

void plant_take(struct platform_planted *planted) {
	plant_end();
	*planted = plant.planted;
	plant.planted.times = 0;
}
