// What the run will take of memory and disk, beside the settings that govern it; it follows them.
import { useApp } from '../app-state.js';
import { Meter } from '../meter.js';

export function PlanBill() {
  const { messages, plan, values } = useApp();
  const { t, bytes } = messages;
  const bill = plan.plan;
  return (
    <section class={`card bill ${plan.busy ? 'busy' : ''}`} aria-label={t('gui_bill')} aria-busy={plan.busy}>
      <h2>{t('gui_bill')}</h2>
      {plan.problem && <p class="issue">{messages.message(plan.problem)}</p>}
      {!bill && !plan.problem && (
        <p class="muted">{plan.busy ? t('gui_planning') : t('gui_not_ready_folders')}</p>
      )}
      {bill && (
        <>
          <Meter
            label={t('gui_memory')}
            value={bill.memoryBytes}
            limit={bill.memoryBudgetBytes}
            text={`${bytes(bill.memoryBytes)} / ${bytes(bill.memoryBudgetBytes)}`}
          />
          <Meter
            label={t('gui_disk_temporary')}
            value={bill.temporaryDiskBytes}
            limit={bill.freeDiskBytes}
            text={`${bytes(bill.temporaryDiskBytes)} / ${bytes(bill.freeDiskBytes)}`}
          />
          <Meter
            label={t('gui_disk_output')}
            value={bill.outputDiskBytes}
            limit={bill.freeDiskBytes}
            text={`${bytes(bill.outputDiskBytes)} / ${bytes(bill.freeDiskBytes)}`}
          />
          <p class="hint">
            {values.cleanup_temp_artifacts === false
              ? t('gui_bill_kept', { size: bytes(bill.temporaryDiskBytes) })
              : t('gui_bill_removed', { size: bytes(bill.temporaryDiskBytes) })}
          </p>
        </>
      )}
    </section>
  );
}
