import fc from 'fast-check';

// The same random inputs in every run, so that a failure is the change's and not the day's. To look further, take other seeds:
// FAST_CHECK_SEED=$RANDOM npm test -- --project pure
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 7644) });
