import test from 'ava';
import { deviceUuid } from '../../mesh/device-uuid.ts';

test('the same device of the same mesh always has the same UUID, and nobody else has it', (t) => {
  const uuid = deviceUuid('lab', 'pi1');
  t.regex(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(deviceUuid('lab', 'pi1'), uuid);
  t.is(new Set([uuid, deviceUuid('lab', 'pi2'), deviceUuid('other', 'pi1')]).size, 3);
  // As Python's uuid.uuid5 makes it. It must not change with a release: others keep it.
  t.is(uuid, '2a9f5e11-0a3c-53dc-b9c4-2fdd53dba0ff');
});
