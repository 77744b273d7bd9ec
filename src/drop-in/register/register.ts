import { superviseImported, superviseRequired } from './imported.ts'
import { hookImports } from './imports.ts'
import { noteImport, tellLeftOut } from './left-out.ts'
import { mendRemembered } from './mending.ts'
import { endWithParent } from './parent.ts'
import { hookRequires } from './requires.ts'
import { superviseStandIns } from './stand-in.ts'

// The preload: every Baileys that this program imports is supervised. As it reaches every child of the program, it
// loads nothing until then.
if (superviseStandIns(superviseImported)) {
  hookImports(noteImport, hookRequires(noteImport, superviseRequired))
  tellLeftOut()
  mendRemembered()
  endWithParent()
}
