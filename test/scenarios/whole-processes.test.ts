/**
 * Servers that are processes of their own, whose calls take the time that they take: nearly all of it is waiting. In one file they wait
 * together.
 */
import './killed.ts'
import './several-processes.ts'
import './stopping.ts'
