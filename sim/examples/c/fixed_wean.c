/* A small wean controller in C, as firmware would have it: one structure, no heap after `open`, whole numbers.
 *
 *   cc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -o fixed_wean.so fixed_wean.c
 *   weanbench run hwang-2019 --arm externalised-wean --controller lib:fixed_wean.so
 *
 * It goes down by a quarter of the rate in force, once a day, when the last two sheets show at most one sign of
 * withdrawal; it holds for AL-05 and AL-26, stops for AL-04 and for people, and ends at the floor when somebody
 * confirms. What it has not (sensors in the line, weighings, clocks, memory) it does not declare.
 *
 * Engineering simulation only; never for clinical use. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "weanbench_controller.h"

#define HOUR_MS 3600000ull
#define BUCKET_MS 300000ull
#define BUCKETS 288u
#define KEPT_PERMILLE 750u
#define RETRIES_MOST 2u
#define REFUSED_FOR_MS 60000ull
#define PLANS_MOST 16u
#define NEVER UINT64_MAX

#define AL(n) (1ull << ((n) - 1))
static const uint64_t ALARMS = AL(4) | AL(5) | AL(14) | AL(15) | AL(16) | AL(20) | AL(21) | AL(22) | AL(23) | AL(25)
                               | AL(26) | AL(37) | AL(39) | AL(40);
static const uint64_t LATCHING = AL(4) | AL(5) | AL(16) | AL(21) | AL(37);
static const uint64_t HOLDING = AL(5) | AL(21) | AL(26);
static const uint64_t URGENT = AL(4) | AL(5) | AL(15) | AL(16) | AL(21) | AL(23) | AL(26) | AL(37);

typedef struct {
    uint64_t planned, low, high; /* ng x ms / h */
} Bucket;

typedef struct {
    uint64_t at_ms;
    uint32_t tone_tenths, rise_tenths, signs;
} Sheet;

/* Everything that it knows. It is stored as it lies here: a restart finds the same software. */
typedef struct {
    WbPrescription rx;
    uint32_t session, mode;
    uint64_t now, on_since;
    int restored;
    /* dose */
    uint64_t plan, authorised, authorised_at, quantum;
    double entry_dose;
    uint32_t entry_by;
    uint64_t entry_at;
    struct {
        uint64_t at, rate;
    } plans[PLANS_MOST];
    uint32_t plan_count;
    uint64_t therapy_since, stepped_at, low_since, withdrawal_at, idle_since, catheter_since;
    int weaning, wants_stop, wants_pause, flagged_withdrawal, flagged_overdose;
    /* line */
    uint32_t line;
    int line_known;
    uint64_t prime_until, primed_nl_ms; /* nL/h x ms */
    /* sheets */
    Sheet sheets[2];
    uint32_t sheet_count, overdose, tones[9], stopped_by;
    /* Tone that jumped: not believed until the next sheet shows it too. */
    uint32_t jumped_tenths;
    int jumped;
    /* exchange with the pump */
    WbAction told, in_force;
    int told_any, in_force_any, read;
    uint32_t sequence, repeats;
    uint64_t sent_at, spoken_at, pinged_at, differs_since, refused_at;
    /* alarms */
    uint64_t active, acknowledged, escalated;
    /* books of 24 h */
    Bucket buckets[BUCKETS], total;
    uint32_t bucket;
    uint64_t opened;
} State;

/* ---- numbers at the door ---------------------------------------------------------------------------------------- */

static int finite_in(const WbReading *r, double least, double most)
{
    return r->status == WB_STATUS_VALUE && isfinite(r->value) && r->value >= least && r->value <= most;
}

static int is_refusal(const WbReading *r)
{
    return r->status == WB_STATUS_VALUE && !isfinite(r->value);
}

/* ---- books ------------------------------------------------------------------------------------------------------- */

static uint64_t rate_of(const WbAction *a, int any)
{
    return any && a->kind == WB_ACTION_KIND_INFUSE ? a->rate_ng_per_h : 0;
}

static int in_therapy(const State *s)
{
    return s->mode >= WB_MODE_ACTIVE && s->mode <= WB_MODE_STOPPED;
}

static int infuses(const State *s)
{
    return s->mode >= WB_MODE_ACTIVE && s->mode <= WB_MODE_FALLBACK;
}

static void book_rates(State *s, uint64_t until, uint64_t planned, uint64_t low, uint64_t high)
{
    uint64_t since = s->now;
    while (since < until) {
        while (since >= s->opened + BUCKET_MS) {
            s->opened += BUCKET_MS;
            s->bucket = (s->bucket + 1) % BUCKETS;
            Bucket *gone = &s->buckets[s->bucket];
            s->total.planned -= gone->planned;
            s->total.low -= gone->low;
            s->total.high -= gone->high;
            memset(gone, 0, sizeof *gone);
        }
        uint64_t end = s->opened + BUCKET_MS < until ? s->opened + BUCKET_MS : until;
        Bucket *here = &s->buckets[s->bucket];
        here->planned += planned * (end - since);
        here->low += low * (end - since);
        here->high += high * (end - since);
        s->total.planned += planned * (end - since);
        s->total.low += low * (end - since);
        s->total.high += high * (end - since);
        since = end;
    }
}

static void book(State *s, uint64_t until)
{
    uint64_t held = rate_of(&s->in_force, s->in_force_any);
    uint64_t asked = s->read ? held : rate_of(&s->told, s->told_any);
    if (until <= s->now)
        return;
    book_rates(s, until, in_therapy(s) ? s->plan : 0, held < asked ? held : asked, held > asked ? held : asked);
    if (s->mode == WB_MODE_PRIME)
        s->primed_nl_ms += (uint64_t)s->rx.flow_prime_nl_per_h * (until - s->now);
}

static uint64_t primed_nl(const State *s)
{
    return s->primed_nl_ms / HOUR_MS;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

static void note_plan(State *s)
{
    if (s->plan_count == PLANS_MOST) {
        memmove(&s->plans[0], &s->plans[1], (PLANS_MOST - 1) * sizeof s->plans[0]);
        s->plan_count--;
    }
    s->plans[s->plan_count].at = s->now;
    s->plans[s->plan_count++].rate = s->plan;
}

/* The highest plan of the last 24 h: each holds until the next one. */
static uint64_t highest(const State *s)
{
    uint64_t most = s->plan;
    for (uint32_t i = 0; i < s->plan_count; i++) {
        uint64_t end = i + 1 < s->plan_count ? s->plans[i + 1].at : s->now;
        if (s->now - end <= 24 * HOUR_MS && s->plans[i].rate > most)
            most = s->plans[i].rate;
    }
    return most;
}

static int fresh(const State *s)
{
    return s->now <= s->spoken_at || s->now - s->spoken_at <= s->rx.report_cycles * s->rx.cycle_ms;
}

static int at_the_end(const State *s)
{
    return s->low_since != NEVER && s->now - s->low_since >= s->rx.last_rung_for_ms;
}

/* ---- sheets ------------------------------------------------------------------------------------------------------ */

static uint32_t usual_tone_tenths(const State *s, uint32_t tone)
{
    uint32_t all = 0, seen = 0;
    for (int i = 0; i < 9; i++)
        all += s->tones[i];
    for (uint32_t i = 0; all > 0 && i < 9; i++) {
        seen += s->tones[i];
        if (seen >= (all + 1) / 2)
            return i * 5;
    }
    return tone;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static int believes(State *s, uint32_t tone, uint64_t at_ms)
{
    int confirmed = s->jumped && apart(tone, s->jumped_tenths) < s->rx.jump_tenths;
    const Sheet *last = &s->sheets[1];
    s->jumped = 0;
    if (confirmed || s->sheet_count == 0 || at_ms >= last->at_ms + s->rx.age_most_ms
        || apart(tone, last->tone_tenths) < s->rx.jump_tenths)
        return 1;
    s->jumped = 1;
    s->jumped_tenths = tone;
    return 0;
}

static void take_sheet(State *s, const WbAssessment *a)
{
    const WbPrescription *rx = &s->rx;
    const WbReading *all[] = {&a->spasticity_ashworth, &a->sedation_rass, &a->breaths_per_min, &a->saturation_percent,
                              &a->heart_rate_per_min,  &a->temperature_c, &a->itch};
    static const double least[] = {0, -5, 0, 0, 0, 25, 0}, most[] = {4, 4, 80, 100, 300, 45, 10};
    int good[7], full = 1;
    for (int i = 0; i < 7; i++) {
        good[i] = finite_in(all[i], least[i], most[i]);
        full = full && good[i];
        if (!good[i] && (is_refusal(all[i]) || all[i]->status == WB_STATUS_VALUE))
            s->refused_at = s->now;
    }
    /* Each sign of overdose counts by itself; what is missing takes none back. */
    int deep = (good[2] && a->breaths_per_min.value < rx->breaths_least_per_min)
               || (good[3] && a->saturation_percent.value < rx->saturation_least_percent)
               || (good[1] && a->sedation_rass.value <= rx->sedation_deep_rass);
    if (deep)
        s->overdose = s->overdose < 2 ? s->overdose + 1 : 2;
    else if (good[1] && good[2] && good[3])
        s->overdose = 0;
    if (!full)
        return;
    uint32_t tone = (uint32_t)lround(a->spasticity_ashworth.value * 10);
    if (!believes(s, tone, a->at_ms))
        return;
    if (!s->weaning)
        s->tones[tone / 5]++;
    uint32_t usual = usual_tone_tenths(s, tone);
    Sheet now = {a->at_ms < s->now ? a->at_ms : s->now, tone, tone > usual ? tone - usual : 0, 0};
    now.signs = (a->itch.value >= rx->itch) + (now.rise_tenths >= rx->tone_rise_tenths)
                + (a->heart_rate_per_min.value > rx->heart_rate_per_min)
                + (a->temperature_c.value * 1000 > (double)rx->fever_mdeg_c)
                + (a->sedation_rass.value >= rx->agitation_rass);
    if (s->sheet_count > 0 && now.at_ms <= s->sheets[1].at_ms)
        return;
    s->sheets[0] = s->sheets[1];
    s->sheets[1] = now;
    s->sheet_count = s->sheet_count < 2 ? s->sheet_count + 1 : 2;
}

static int withdrawing(const State *s)
{
    return s->flagged_withdrawal || (s->sheet_count > 0 && s->sheets[1].signs >= s->rx.withdrawal_signs);
}

static int overdosed(const State *s)
{
    return s->flagged_overdose || s->overdose >= 2;
}

static uint64_t unseen_ms(const State *s)
{
    uint64_t last = s->sheet_count > 0 ? s->sheets[1].at_ms : 0;
    last = last > s->therapy_since ? last : s->therapy_since;
    return s->now > last ? s->now - last : 0;
}

/* ---- people ------------------------------------------------------------------------------------------------------ */

static void because(WbDecision *d, uint32_t kind, uint32_t detail)
{
    memset(&d->reason, 0, sizeof d->reason);
    d->reason.kind = kind;
    d->reason.detail = detail;
}

static void refuse(State *s, WbDecision *d, uint32_t refusal)
{
    s->refused_at = s->now;
    because(d, WB_REASON_KIND_REFUSED, refusal);
    d->reason.mode = s->mode;
    d->reason.alarm = 4;
    d->reason.status = WB_STATUS_OUT_OF_RANGE;
}

static void authorise(State *s, WbDecision *d, const WbOrder *o)
{
    if (!isfinite(o->number) || o->number < 0 || o->number > 1e5) {
        refuse(s, d, WB_REFUSAL_BAD_VALUE);
        return;
    }
    if (o->number * 1000 > (double)s->rx.ceiling_ng_per_day) {
        refuse(s, d, WB_REFUSAL_ABOVE_CEILING);
        return;
    }
    uint64_t rate = (uint64_t)llround(o->number * 1000 / 24 / (double)s->quantum) * s->quantum;
    if (rate * 1000 < (uint64_t)s->rx.flow_least_nl_per_h * s->rx.drug_ug_per_ml) {
        refuse(s, d, WB_REFUSAL_BELOW_PUMP_FLOOR);
        return;
    }
    if (in_therapy(s) && rate * 1000 < highest(s) * s->rx.kept_in_24h_permille) {
        refuse(s, d, WB_REFUSAL_SLOPE_SPENT);
        return;
    }
    int paired = s->entry_at != NEVER && s->entry_by != o->by && s->entry_dose == o->number
                 && s->now - s->entry_at <= s->rx.second_user_within_ms;
    if (!paired) {
        s->entry_by = o->by;
        s->entry_dose = o->number;
        s->entry_at = s->now;
        return;
    }
    s->entry_at = NEVER;
    s->authorised = rate;
    s->authorised_at = s->now;
    if (infuses(s)) {
        because(d, WB_REASON_KIND_AUTHORISED, 0);
        d->reason.from = s->plan;
        d->reason.to = s->plan = rate;
        note_plan(s);
    }
}

static int may_begin(State *s, WbDecision *d, const WbHost *host)
{
    if (host->record != WB_RECORD_AGREES || !host->self_test_passed)
        refuse(s, d, WB_REFUSAL_NOT_AUTHORISED);
    else if (!fresh(s))
        refuse(s, d, WB_REFUSAL_PUMP_SILENT);
    else if (overdosed(s))
        refuse(s, d, WB_REFUSAL_ALARM_STANDS);
    else
        return 1;
    return 0;
}

static void begin(State *s, WbDecision *d)
{
    because(d, WB_REASON_KIND_STARTED, 0);
    d->reason.to = s->plan;
    note_plan(s);
}

static void start(State *s, WbDecision *d, const WbHost *host)
{
    if (s->mode != WB_MODE_IDLE)
        refuse(s, d, WB_REFUSAL_WRONG_MODE);
    else if (s->authorised_at == NEVER || s->now - s->authorised_at > s->rx.start_within_ms)
        refuse(s, d, WB_REFUSAL_NOT_AUTHORISED);
    else if (primed_nl(s) < s->rx.open_nl || !s->line_known || s->line != WB_LINE_CONNECTED)
        refuse(s, d, WB_REFUSAL_NOT_PRIMED);
    else if (may_begin(s, d, host)) {
        s->mode = WB_MODE_ACTIVE;
        s->plan = s->authorised;
        s->therapy_since = s->now;
        s->stepped_at = s->now + s->rx.wean_first_after_ms - s->rx.wean_every_ms;
        begin(s, d);
    }
}

static void resume(State *s, WbDecision *d, const WbHost *host)
{
    if (s->mode != WB_MODE_PAUSED && s->mode != WB_MODE_STOPPED) {
        refuse(s, d, WB_REFUSAL_WRONG_MODE);
        return;
    }
    if (!may_begin(s, d, host))
        return;
    uint64_t gap = s->now - s->idle_since;
    if (gap > s->rx.gap_most_ms) {
        uint64_t most = s->plan / (gap > s->rx.gap_long_ms ? 4 : 2) / s->quantum * s->quantum;
        if (s->authorised_at == NEVER || s->authorised_at < s->idle_since) {
            refuse(s, d, WB_REFUSAL_GAP_NEEDS_AUTHORISATION);
            return;
        }
        s->plan = s->authorised < most ? s->authorised : most;
    }
    s->wants_pause = s->wants_stop = 0;
    s->mode = WB_MODE_HOLD;
    begin(s, d);
}

static void obey(State *s, WbDecision *d, const WbOrder *o, const WbHost *host)
{
    if (o->by == 0 && o->kind != WB_ORDER_KIND_STOP && o->kind != WB_ORDER_KIND_PAUSE) {
        refuse(s, d, WB_REFUSAL_STRANGER);
        return;
    }
    switch (o->kind) {
    case WB_ORDER_KIND_AUTHORISE:
        authorise(s, d, o);
        break;
    case WB_ORDER_KIND_START:
        start(s, d, host);
        break;
    case WB_ORDER_KIND_RESUME:
        resume(s, d, host);
        break;
    case WB_ORDER_KIND_PAUSE:
    case WB_ORDER_KIND_STOP:
        s->prime_until = 0;
        s->wants_pause |= in_therapy(s) && o->kind == WB_ORDER_KIND_PAUSE;
        s->wants_stop |= in_therapy(s) && o->kind == WB_ORDER_KIND_STOP;
        break;
    case WB_ORDER_KIND_HOLD_TO_RUN:
        if (s->mode != WB_MODE_IDLE && s->mode != WB_MODE_PRIME)
            refuse(s, d, WB_REFUSAL_WRONG_MODE);
        else if (!s->line_known || s->line != WB_LINE_OPEN)
            refuse(s, d, WB_REFUSAL_LINE_NOT_OPEN);
        else
            s->prime_until = s->now + s->rx.prime_lease_ms;
        break;
    case WB_ORDER_KIND_DECLARE_LINE:
        s->line = o->line;
        s->line_known = 1;
        if (s->line == WB_LINE_CONNECTED && s->catheter_since == NEVER)
            s->catheter_since = s->now;
        break;
    case WB_ORDER_KIND_CATHETER_OUT:
        s->catheter_since = NEVER;
        break;
    case WB_ORDER_KIND_ACKNOWLEDGE:
        s->acknowledged |= s->active & AL(o->alarm);
        s->flagged_withdrawal &= o->alarm != 5;
        s->flagged_overdose &= o->alarm != 4;
        break;
    case WB_ORDER_KIND_FLAG_WITHDRAWAL:
        s->flagged_withdrawal = 1;
        break;
    case WB_ORDER_KIND_FLAG_OVERDOSE:
        s->flagged_overdose = 1;
        break;
    case WB_ORDER_KIND_CONFIRM_COMPLETE:
        if ((s->mode == WB_MODE_ACTIVE || s->mode == WB_MODE_HOLD) && at_the_end(s)) {
            s->mode = WB_MODE_COMPLETE;
            s->plan = 0;
            because(d, WB_REASON_KIND_COMPLETED, 0);
        } else {
            refuse(s, d, WB_REFUSAL_NOT_AT_FLOOR);
        }
        break;
    default:
        break;
    }
}

/* ---- the pump ---------------------------------------------------------------------------------------------------- */

static int same(const WbAction *a, const WbAction *b)
{
    return a->kind == b->kind && a->rate_ng_per_h == b->rate_ng_per_h && a->drug_ug_per_ml == b->drug_ug_per_ml
           && a->volume_left_nl == b->volume_left_nl && a->cause == b->cause && a->clamp == b->clamp;
}

static void hear(State *s, const WbTelemetry *t)
{
    const WbReading *all[] = {&t->accepted,     &t->state,        &t->motion,        &t->refused,
                              &t->delivered_ug, &t->reservoir_ul, &t->temperature_c, &t->battery_min};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->status == WB_STATUS_VALUE && all[i]->at_ms <= s->now + s->rx.report_ahead_ms
            && all[i]->at_ms > s->spoken_at)
            s->spoken_at = all[i]->at_ms;
    /* A number that cannot be is told of, and used for nothing. */
    static const double least[] = {0, 0, -1e5, -100, 0, 0, -40, 0}, most[] = {1e6, 1e5, 1e5, 1e3, 1e5, 1e5, 125, 1e7};
    const WbReading *raw[] = {&t->delivered_ug, &t->reservoir_ul,   &t->flow_ul_per_h, &t->pressure_kpa,
                              &t->air_ul,       &t->drained_csf_ul, &t->temperature_c, &t->battery_min};
    for (unsigned i = 0; i < sizeof raw / sizeof *raw; i++)
        if ((raw[i]->status == WB_STATUS_VALUE && !finite_in(raw[i], least[i], most[i]))
            || raw[i]->status >= WB_STATUS_NOT_FINITE)
            s->refused_at = s->now;
    if (t->accepted.status != WB_STATUS_VALUE || !fresh(s))
        return;
    s->in_force = t->accepted_action;
    s->in_force_any = 1;
    int mine = t->accepted_session == s->session && t->accepted_sequence == s->sequence && s->told_any
               && same(&s->in_force, &s->told);
    if (mine) {
        s->read = 1;
        s->repeats = 0;
        s->differs_since = NEVER;
    } else if (s->read && s->told_any && s->differs_since == NEVER) {
        s->differs_since = s->now;
    }
}

static uint64_t causes(const State *s, const WbTelemetry *t)
{
    uint64_t set = 0, silent = s->now > s->spoken_at ? s->now - s->spoken_at : 0;
    uint64_t unseen = in_therapy(s) ? unseen_ms(s) : 0;
    uint64_t dwell = s->catheter_since == NEVER ? 0 : s->now - s->catheter_since;
    uint64_t rate = rate_of(&s->told, s->told_any);
    double hours = 1e9;
    if (rate > 0 && finite_in(&t->reservoir_ul, 0, 1e5))
        hours = (t->reservoir_ul.value - (double)s->rx.unusable_nl / 1000) * s->rx.drug_ug_per_ml / (double)rate;
    set |= overdosed(s) ? AL(4) : 0;
    set |= in_therapy(s) && withdrawing(s) ? AL(5) : 0;
    set |= hours * HOUR_MS <= (double)s->rx.empty_ms[0] ? AL(14) : 0;
    set |= hours * HOUR_MS <= (double)s->rx.empty_ms[1] ? AL(15) : 0;
    set |= t->state.status == WB_STATUS_VALUE && t->state.word == WB_PUMP_STATE_EMPTY ? AL(16) : 0;
    set |= s->refused_at != NEVER && s->now - s->refused_at < REFUSED_FOR_MS ? AL(20) : 0;
    set |= !s->read && s->repeats >= RETRIES_MOST && s->now - s->sent_at >= s->rx.read_back_ms ? AL(21) : 0;
    set |= silent > s->rx.link_ms[0] ? AL(22) : 0;
    set |= silent > s->rx.link_ms[1] ? AL(23) : 0;
    set |= unseen > s->rx.age_most_ms ? AL(25) : 0;
    set |= unseen > s->rx.missing_ms ? AL(26) : 0;
    set |= s->differs_since != NEVER && s->now - s->differs_since >= s->rx.differs_ms ? AL(37) : 0;
    set |= s->mode == WB_MODE_IDLE && s->authorised_at != NEVER && s->now - s->authorised_at > s->rx.idle_ms[0] ? AL(39)
                                                                                                              : 0;
    set |= dwell >= s->rx.dwell_ms[0] ? AL(40) : 0;
    return set;
}

/* ---- modes and the schedule -------------------------------------------------------------------------------------- */

static void waits(WbDecision *d, uint32_t wait)
{
    because(d, WB_REASON_KIND_WAITING, wait);
}

static void follow_schedule(State *s, WbDecision *d)
{
    uint64_t last = s->rx.final_dose_ng_per_day / 24 / s->quantum * s->quantum;
    uint64_t due = s->stepped_at + s->rx.wean_every_ms;
    const Sheet *a = s->sheets;
    if (s->plan <= last) {
        waits(d, WB_WAIT_LAST_RUNG);
    } else if (s->now < due) {
        waits(d, WB_WAIT_NOT_DUE);
        d->reason.at_ms = due;
    } else if (s->active & URGENT) {
        waits(d, WB_WAIT_ALARM);
        for (d->reason.alarm = 1; !(s->active & URGENT & AL(d->reason.alarm)); d->reason.alarm++) {
        }
    } else if (!fresh(s) || !s->read) {
        waits(d, WB_WAIT_REPORT);
    } else if (s->withdrawal_at != NEVER && s->now - s->withdrawal_at <= s->rx.after_withdrawal_ms) {
        waits(d, WB_WAIT_AFTER_WITHDRAWAL);
    } else if (s->sheet_count < 2 || s->now - a[0].at_ms > s->rx.age_most_ms) {
        waits(d, WB_WAIT_SECOND_ASSESSMENT);
    } else if (a[0].signs > 1 || a[1].signs > 1) {
        waits(d, WB_WAIT_RESPONSE);
    } else {
        uint64_t to = (s->plan * KEPT_PERMILLE / 1000 + s->quantum / 2) / s->quantum * s->quantum;
        because(d, WB_REASON_KIND_DECREMENTED, 0);
        d->reason.from = s->plan;
        d->reason.to = s->plan = to > last ? to : last;
        d->reason.permille = 1000 - KEPT_PERMILLE;
        s->stepped_at = s->now;
        s->weaning = 1;
        note_plan(s);
    }
}

static void move_mode(State *s)
{
    uint32_t before = s->mode;
    int idles;
    if (s->mode == WB_MODE_OFF)
        s->mode = WB_MODE_POST;
    else if (s->mode == WB_MODE_POST && s->now - s->on_since >= s->rx.self_test_ms)
        s->mode = s->restored ? WB_MODE_FALLBACK : WB_MODE_IDLE;
    else if (s->mode == WB_MODE_FALLBACK && fresh(s))
        s->mode = WB_MODE_HOLD;
    else if (s->mode == WB_MODE_IDLE || s->mode == WB_MODE_PRIME)
        s->mode = s->now < s->prime_until && primed_nl(s) < s->rx.open_nl ? WB_MODE_PRIME : WB_MODE_IDLE;
    if (in_therapy(s) && (overdosed(s) || (s->wants_stop && s->mode != WB_MODE_STOPPED))) {
        s->mode = WB_MODE_STOPPED;
        s->stopped_by = overdosed(s) ? WB_CAUSE_OVERDOSE_SIGNS : WB_CAUSE_ORDERED;
    } else if (infuses(s) && s->wants_pause) {
        s->mode = WB_MODE_PAUSED;
        s->stopped_by = WB_CAUSE_PAUSED;
    }
    if (s->mode == WB_MODE_ACTIVE || s->mode == WB_MODE_HOLD)
        s->mode = s->overdose > 0 || (s->active & HOLDING) ? WB_MODE_HOLD : WB_MODE_ACTIVE;
    idles = s->mode == WB_MODE_PAUSED || s->mode == WB_MODE_STOPPED;
    if (idles && before != WB_MODE_PAUSED && before != WB_MODE_STOPPED)
        s->idle_since = s->now;
    if (!in_therapy(s) || s->plan * 24 > s->rx.floor_dose_ng_per_day)
        s->low_since = NEVER;
    else if (s->low_since == NEVER)
        s->low_since = s->now;
}

static void explain(const State *s, WbDecision *d)
{
    switch (s->mode) {
    case WB_MODE_PRIME:
        because(d, WB_REASON_KIND_PRIMING, 0);
        break;
    case WB_MODE_PAUSED:
    case WB_MODE_STOPPED:
        because(d, WB_REASON_KIND_STOPPED, s->stopped_by);
        break;
    case WB_MODE_HOLD:
        because(d, WB_REASON_KIND_HELD, WB_HOLD_OVERDOSE_UNCONFIRMED);
        break;
    case WB_MODE_FALLBACK:
        because(d, WB_REASON_KIND_HELD, WB_HOLD_UNRECONCILED);
        break;
    case WB_MODE_COMPLETE:
        because(d, WB_REASON_KIND_COMPLETED, 0);
        break;
    default:
        because(d, WB_REASON_KIND_NOT_STARTED, 0);
        break;
    }
}

/* ---- what leaves ------------------------------------------------------------------------------------------------- */

static int wanted(const State *s, WbAction *a)
{
    memset(a, 0, sizeof *a);
    a->kind = WB_ACTION_KIND_STOP;
    switch (s->mode) {
    case WB_MODE_ACTIVE:
    case WB_MODE_HOLD:
        a->kind = WB_ACTION_KIND_INFUSE;
        a->rate_ng_per_h = s->plan;
        a->drug_ug_per_ml = s->rx.drug_ug_per_ml;
        return 1;
    case WB_MODE_PAUSED:
    case WB_MODE_STOPPED:
        a->cause = s->stopped_by;
        return 1;
    case WB_MODE_COMPLETE:
        a->cause = WB_CAUSE_WEANED;
        return 1;
    case WB_MODE_PRIME:
        a->kind = WB_ACTION_KIND_PRIME;
        a->volume_left_nl = s->rx.open_nl - primed_nl(s);
        return 1;
    case WB_MODE_IDLE:
        a->cause = WB_CAUSE_PRIMED;
        return s->told_any;
    default:
        return 0;
    }
}

static void ping(State *s, WbDecision *d)
{
    d->quiet = s->read ? WB_QUIET_NOTHING_NEW : WB_QUIET_AWAITING_READ_BACK;
    if (s->now - s->pinged_at >= s->rx.ping_every_ms) {
        s->pinged_at = s->now;
        d->send = WB_SEND_PING;
    }
}

static void send(State *s, WbDecision *d)
{
    s->read = 0;
    s->sent_at = s->pinged_at = s->now;
    d->send = WB_SEND_COMMAND;
    d->store = 1;
    d->command.action = s->told;
    d->command.session = s->session;
    d->command.sequence = s->sequence;
    d->command.lease_ms = s->told.kind == WB_ACTION_KIND_PRIME ? s->rx.prime_lease_ms : s->rx.lease_ms;
}

static void say(State *s, WbDecision *d)
{
    WbAction want;
    if (s->mode == WB_MODE_OFF || s->mode == WB_MODE_POST) {
        d->quiet = WB_QUIET_SELF_TEST;
        return;
    }
    if (!wanted(s, &want)) {
        if (s->mode != WB_MODE_IDLE)
            ping(s, d);
        return;
    }
    if (want.kind == WB_ACTION_KIND_PRIME && s->told_any && s->told.kind == WB_ACTION_KIND_PRIME) {
        d->quiet = WB_QUIET_NOTHING_NEW;
        if (s->now - s->sent_at < s->rx.prime_lease_ms / 2)
            return;
    } else if (s->told_any && same(&want, &s->told)) {
        if (!s->read && s->repeats < RETRIES_MOST && s->now - s->sent_at >= s->rx.read_back_ms) {
            s->repeats++;
            send(s, d);
        } else {
            ping(s, d);
        }
        return;
    }
    s->told = want;
    s->told_any = 1;
    s->repeats = 0;
    s->sequence++;
    send(s, d);
}

static uint64_t wait_ms(const State *s)
{
    uint64_t wait = s->rx.cycle_ms < s->rx.ping_every_ms ? s->rx.cycle_ms : s->rx.ping_every_ms;
    if (s->mode == WB_MODE_OFF || s->mode == WB_MODE_POST)
        return 1000;
    if (s->mode == WB_MODE_PRIME && s->rx.prime_lease_ms / 2 < wait)
        return s->rx.prime_lease_ms / 2;
    return wait;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static int32_t step(void *controller, const WbInputs *in, WbDecision *d)
{
    State *s = controller;
    book(s, in->at_ms);
    s->now = in->at_ms;
    hear(s, &in->telemetry);
    d->reason.kind = WB_REASON_KIND_NOT_STARTED;
    for (size_t i = 0; i < in->order_count; i++)
        obey(s, d, &in->orders[i], &in->host);
    if (in->assessment != NULL)
        take_sheet(s, in->assessment);
    if (withdrawing(s))
        s->withdrawal_at = s->now;
    uint64_t cause = causes(s, &in->telemetry);
    uint64_t stood = s->active;
    s->active = cause | (stood & LATCHING & ~s->acknowledged);
    uint64_t escalated = 0;
    if (s->catheter_since != NEVER && s->now - s->catheter_since >= s->rx.dwell_ms[1])
        escalated = s->active & AL(40);
    /* Whoever has seen an alarm has not seen it once it has become more urgent. */
    s->acknowledged &= s->active & stood & ~(escalated & ~s->escalated);
    s->escalated = escalated;
    int told = d->reason.kind != WB_REASON_KIND_NOT_STARTED;
    move_mode(s);
    if (s->mode == WB_MODE_ACTIVE && !told)
        follow_schedule(s, d);
    else if (!told)
        explain(s, d);
    say(s, d);
    d->next_ms = s->now + wait_ms(s);
    d->mode = s->mode;
    d->plan_ng_per_h = in_therapy(s) ? s->plan : 0;
    d->alarms.condition = cause;
    d->alarms.active = s->active;
    d->alarms.latched = s->active & ~cause;
    d->alarms.acknowledged = s->acknowledged;
    d->alarms.sounding = s->active & ~s->acknowledged;
    d->alarms.escalated = s->escalated;
    d->planned_24h_ng = s->total.planned / HOUR_MS;
    d->given_low_24h_ng = s->total.low / HOUR_MS;
    d->given_high_24h_ng = s->total.high / HOUR_MS;
    if (d->planned_24h_ng > d->given_low_24h_ng)
        d->deficit_permille = (uint32_t)((d->planned_24h_ng - d->given_low_24h_ng) * 1000 / d->planned_24h_ng);
    if ((s->mode == WB_MODE_ACTIVE || s->mode == WB_MODE_HOLD) && at_the_end(s))
        d->asks |= WB_ASK_COMPLETION;
    if (in_therapy(s) && s->overdose == 1)
        d->asks |= WB_ASK_ASSESSMENT;
    if ((s->mode == WB_MODE_PAUSED || s->mode == WB_MODE_STOPPED) && !overdosed(s))
        d->asks |= WB_ASK_RESUMPTION;
    d->store |= in->order_count > 0 || in->assessment != NULL;
    return 0;
}

static void *open_one(const WbPrescription *rx, uint32_t session)
{
    State *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->rx = *rx;
    s->session = session;
    s->quantum = (uint64_t)rx->flow_quantum_nl_per_h * rx->drug_ug_per_ml / 1000;
    s->quantum = s->quantum > 0 ? s->quantum : 1;
    s->read = 1;
    s->authorised_at = s->entry_at = s->low_since = s->withdrawal_at = s->catheter_since = NEVER;
    s->differs_since = s->refused_at = NEVER;
    return s;
}

static size_t save(void *controller, uint8_t *buffer, size_t room)
{
    if (room >= sizeof(State))
        memcpy(buffer, controller, sizeof(State));
    return sizeof(State);
}

static int32_t restart(void *controller, uint32_t session, uint64_t at_ms, const uint8_t *saved, size_t length)
{
    State *s = controller;
    WbPrescription rx = s->rx;
    if (saved == NULL) {
        State *fresh_one = open_one(&rx, session);
        if (fresh_one == NULL)
            return 1;
        *s = *fresh_one;
        free(fresh_one);
    } else {
        if (length != sizeof(State))
            return 1;
        memcpy(s, saved, sizeof(State));
        s->rx = rx;
        s->session = session;
        s->restored = in_therapy(s);
        /* Nobody who paused or stopped it wants it to begin again by itself. */
        s->wants_stop |= s->mode == WB_MODE_PAUSED || s->mode == WB_MODE_STOPPED;
        book(s, at_ms);
    }
    s->mode = WB_MODE_OFF;
    s->now = s->on_since = s->idle_since = at_ms;
    return 0;
}

static void *fork_one(const void *controller)
{
    State *s = malloc(sizeof *s);
    if (s != NULL)
        memcpy(s, controller, sizeof *s);
    return s;
}

const WbController *weanbench_controller(uint32_t abi)
{
    static WbController table;
    if (abi != 1)
        return NULL;
    table.abi = 1;
    table.size = sizeof(WbController);
    table.inputs_size = sizeof(WbInputs);
    table.decision_size = sizeof(WbDecision);
    table.name = "fixed-wean";
    table.has.orders = ~(1ull << WB_ORDER_KIND_SET_CONCENTRATION | 1ull << WB_ORDER_KIND_SKIP_DECREMENT
                         | 1ull << WB_ORDER_KIND_PAUSE_AUDIO | 1ull << WB_ORDER_KIND_ENTER_UNPRIMED
                         | 1ull << WB_ORDER_KIND_VOLUME_CHECK | 1ull << WB_ORDER_KIND_REFILLED);
    table.has.modes = UINT64_MAX;
    table.has.alarms = ALARMS;
    table.open = open_one;
    table.step = step;
    table.save = save;
    table.restart = restart;
    table.fork = fork_one;
    table.close = free;
    return &table;
}
