import { openSqlDatabase } from '../../src/storage/sql-database.js';
import { databaseContract } from '../contract/database-contract.js';

databaseContract('SqlDatabase', openSqlDatabase);
